"""The SQL of events and webhooks; the rule is that of `statements`."""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

from acuse.storage import tables
from acuse.storage.sqlite.statements import change, columns, insert

ADD_EVENT = insert(tables.event, tables.event.c.keys()[1:])
_EVENT = f"SELECT {columns(tables.event, 'e')} FROM event e"
EVENT = f"{_EVENT} WHERE e.position = ?"
EVENTS_AFTER = f"""
    {_EVENT} WHERE e.tenant_id = ? AND e.mode = ? AND e.position > ? AND e.account_id = ? ORDER BY e.position LIMIT ?
"""

ADD_ENDPOINT = insert(tables.webhook_endpoint)
SAVE_ENDPOINT = change(
    tables.webhook_endpoint, fixed=("id", "handle", "account_id", "tenant_id", "created_at", "mode", "dialect")
)
REMOVE_ENDPOINT = "DELETE FROM webhook_endpoint WHERE id = ?"
_ENDPOINT = f"SELECT {columns(tables.webhook_endpoint, 'w')} FROM webhook_endpoint w"
GET_ENDPOINT = f"{_ENDPOINT} WHERE w.id = ?"
ENDPOINT = f"{_ENDPOINT} WHERE w.account_id = ? AND w.handle = ? AND w.tenant_id = ? AND w.mode = ?"
ENDPOINTS = f"{_ENDPOINT} WHERE w.tenant_id = ? AND w.mode = ? AND w.account_id = ? ORDER BY w.handle"
SUBSCRIPTIONS = """
    SELECT w.id, w.events, w.dialect, w.scope_id FROM webhook_endpoint w
    WHERE w.tenant_id = ? AND w.mode = ? AND w.active ORDER BY w.handle
"""

ADD_DELIVERY = insert(tables.webhook_delivery)
SAVE_DELIVERY = change(
    tables.webhook_delivery, fixed=("id", "endpoint_id", "position", "subject_id", "created_at", "told_as")
)
_DELIVERY = f"SELECT {columns(tables.webhook_delivery, 'd')} FROM webhook_delivery d"
GET_DELIVERY = f"{_DELIVERY} WHERE d.id = ?"
FIRST_PENDING = f"""
    {_DELIVERY} WHERE d.endpoint_id = ? AND d.subject_id = ? AND d.state = 'pending'
    ORDER BY d.position, d.told_as LIMIT 1
"""
GIVEN_UP_AFTER = """
    SELECT d.id FROM webhook_delivery d
    WHERE d.endpoint_id = ? AND d.state = 'given_up' AND d.position > ? ORDER BY d.position LIMIT ?
"""
DELIVERY_COUNTS = """
    SELECT d.endpoint_id, d.state, count(*), max(d.settled_at), avg(d.duration)
    FROM webhook_endpoint w JOIN webhook_delivery d ON d.endpoint_id = w.id
    WHERE w.tenant_id = ? AND w.mode = ? AND w.account_id = ? GROUP BY d.endpoint_id, d.state
"""
DELIVERIES = f"""
    SELECT {columns(tables.webhook_delivery, "d")}, e.id, e.kind, coalesce(m.handle, c.handle, n.handle, p.handle)
    FROM webhook_delivery d JOIN event e ON e.position = d.position
    LEFT JOIN message m ON m.id = d.subject_id LEFT JOIN certificate c ON c.id = d.subject_id
    LEFT JOIN notice n ON n.id = d.subject_id LEFT JOIN partner p ON p.id = d.subject_id
    WHERE d.endpoint_id = ? AND (? IS NULL OR d.state = ?) ORDER BY d.position DESC, d.told_as DESC LIMIT ? OFFSET ?
"""
COUNT_DELIVERIES = """
    SELECT count(*) FROM webhook_delivery d WHERE d.endpoint_id = ? AND (? IS NULL OR d.state = ?)
"""
