"""The SQL of the hot path, as the driver gets it.

Rule: each statement is a constant, so that SQLite prepares it once for each connection, and each finds its rows by an
index; a test reads the plans.
"""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

from collections.abc import Collection, Sequence

from sqlalchemy import Table

from acuse.storage import tables


def columns(table: Table, alias: str) -> str:
    """All columns, as a query names them."""
    return ", ".join(f"{alias}.{column.name}" for column in table.c)


def insert(table: Table, names: Sequence[str] | None = None) -> str:
    """A new row, of all columns or of those named."""
    names = names or table.c.keys()
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"


def change(table: Table, *, fixed: Collection[str]) -> str:
    """Without the columns that never change: SQLite renews every index and checks every reference that it is given."""
    changing = [column.name for column in table.c if column.name not in fixed]
    changes = ", ".join(f"{name} = :{name}" for name in changing)
    return f"UPDATE {table.name} SET {changes} WHERE id = :id"


_FIXED = (
    "id",
    "handle",
    "account_id",
    "tenant_id",
    "station_id",
    "partner_id",
    "direction",
    "wire_id",
    "wire_key",
    "created_at",
    "mode",
    "simulate",
)
_MESSAGE = f"SELECT {columns(tables.message, 'm')} FROM message m"
_VIEWED = (
    f"SELECT {columns(tables.station, 's')}, {columns(tables.partner, 'p')}, {columns(tables.message, 'm')}"
    " FROM message m JOIN station s ON s.id = m.station_id JOIN partner p ON p.id = m.partner_id"
)
_RELATED = f"SELECT {columns(tables.station, 's')}, {columns(tables.partner, 'p')} FROM station s JOIN partner p"
_BY_INBOUND_ID = """
    WHERE m.station_id = ? AND m.partner_id = ? AND m.wire_key = ? AND m.direction = 'inbound' AND m.wire_key <> ''
"""
_BY_OUTBOUND_ID = """
    WHERE m.station_id = ? AND m.partner_id = ? AND m.wire_key = ? AND m.direction = 'outbound'
    ORDER BY m.created_at DESC LIMIT 1
"""

# ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ADD_MESSAGE = insert(tables.message)
SAVE_MESSAGE = change(tables.message, fixed=_FIXED)
GET_MESSAGE = f"{_MESSAGE} WHERE m.id = ?"
FIND_INBOUND = _MESSAGE + _BY_INBOUND_ID
FIND_OUTBOUND = _MESSAGE + _BY_OUTBOUND_ID


def _open_of(column: str) -> str:
    """Outbound messages that are still to be sent, or whose receipt is awaited; each half walks an index."""
    halves = (
        "m.transmission IN ('scheduled', 'queued', 'processing', 'retry_wait')",
        "m.transmission = 'transmitted' AND m.receipt = 'pending'",
    )
    shared = f"m.tenant_id = ? AND m.mode IN ('live', 'test') AND m.direction = 'outbound' AND m.{column} = ?"
    return " UNION ALL ".join(f"{_MESSAGE} WHERE {shared} AND {half}" for half in halves)


OPEN_OF_PARTNER = _open_of("partner_id")
OPEN_OF_STATION = _open_of("station_id")
COUNT_OPEN_OF_PARTNER = f"SELECT count(*) FROM ({OPEN_OF_PARTNER})"
OUTCOMES_OF_PARTNER = """
    SELECT m.direction, m.transmission, m.receipt, count(*) FROM message m
    WHERE m.partner_id = ? AND m.mode = ? AND m.created_at >= ? GROUP BY m.direction, m.transmission, m.receipt
"""
LAST_SUCCESS = """
    SELECT coalesce(m.delivered_at, m.sent_at, m.created_at) FROM message m
    WHERE m.partner_id = ? AND m.mode = ? AND (
        m.transmission = 'transmitted' AND m.receipt IN ('positive', 'not_requested')
        OR m.transmission = 'received' AND m.receipt <> 'negative'
    ) ORDER BY m.created_at DESC, m.handle DESC LIMIT 1
"""

ADD_ATTACHMENT = insert(tables.attachment)
ATTACHMENTS = f"SELECT {columns(tables.attachment, 'a')} FROM attachment a WHERE a.message_key = ? ORDER BY a.position"

ADD_RECEIPT = insert(tables.receipt)
COUNT_RECEIPTS = "SELECT count(*) FROM receipt WHERE message_key = ? AND direction = ?"
FIRST_RECEIPT = f"""
    SELECT {columns(tables.receipt, "r")} FROM receipt r
    WHERE r.message_key = ? AND r.direction = ? ORDER BY r.created_at, r.id LIMIT 1
"""
TELLING_RECEIPT = f"""
    SELECT {columns(tables.receipt, "r")} FROM receipt r
    WHERE r.message_key = ? AND r.direction = ? ORDER BY r.is_verified DESC, r.created_at, r.id LIMIT 1
"""
RECEIPT = f"SELECT {columns(tables.receipt, 'r')} FROM receipt r WHERE r.id = ?"

TELL = "INSERT INTO timeline (message_key, steps) VALUES (?, ?)"
TIMELINE = "SELECT steps FROM timeline WHERE message_key = ? ORDER BY number"

# ── Views ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

VIEW_BY_ID = f"{_VIEWED} WHERE m.id = ?"
VIEW_BY_HANDLE = f"{_VIEWED} WHERE m.account_id = ? AND m.handle = ? AND m.tenant_id = ? AND m.mode = ?"
VIEW_NAMED = f"""
    {_VIEWED} WHERE m.wire_key = ? AND m.wire_key <> '' AND m.tenant_id = ? AND m.direction = ? AND m.mode = ?
    AND m.account_id = ? ORDER BY m.created_at DESC, m.handle DESC LIMIT 1
"""
INBOUND_EXISTS = "SELECT 1 FROM message m" + _BY_INBOUND_ID
VIEW_INBOUND = _VIEWED + _BY_INBOUND_ID
FILE_RECEIVED = """
    SELECT 1 FROM attachment a JOIN message m ON m.id = a.message_key
    WHERE a.filename = ? AND m.station_id = ? AND m.partner_id = ? AND m.direction = 'inbound' LIMIT 1
"""
OVERDUE = """
    SELECT id FROM message WHERE receipt = 'pending' AND receipt_due_at < ? ORDER BY receipt_due_at LIMIT ?
"""
RELATION = f"""
    {_RELATED} ON p.tenant_id = s.tenant_id
    WHERE s.as2_id = ? AND p.as2_id = ? AND s.removed_at IS NULL AND p.removed_at IS NULL
    ORDER BY s.created_at, s.id LIMIT 1
"""
RELATION_BY_ID = f"{_RELATED} ON p.tenant_id = s.tenant_id WHERE s.id = ? AND p.id = ?"
STATION_NAMED = f"""
    SELECT {columns(tables.station, "s")} FROM station s
    WHERE s.as2_id = ? AND s.removed_at IS NULL ORDER BY s.created_at, s.id LIMIT 1
"""
STATION_EXISTS = "SELECT 1 FROM station WHERE id = ?"
CERTIFICATES = f"""
    SELECT {columns(tables.certificate, "c")} FROM certificate c WHERE c.owner_id IN (?, ?) ORDER BY c.handle
"""

# ── Who is asking, and for whom ───────────────────────────────────────────────────────────────────────────────────────

DIRECTORY_VERSION = "SELECT version FROM directory_version"
_KEY = f"SELECT {columns(tables.api_key, 'k')} FROM api_key k"
KEY = f"{_KEY} WHERE k.digest = ? UNION ALL {_KEY} WHERE k.replaced_digest = ?"
KEY_OF_USER = f"{_KEY} WHERE k.username = ?"
KEY_BY_ID = f"{_KEY} WHERE k.id = ?"
KEY_OF_TOKEN = f"{_KEY} WHERE k.token_id = ?"
SIMULATED_KEY_PAIR = "SELECT id, x509_der, sealed_key FROM simulated_partner"
ACCOUNT = f"SELECT {columns(tables.account, 'a')} FROM account a WHERE a.id = ?"
TENANTS = f"SELECT {columns(tables.tenant, 't')} FROM tenant t WHERE t.account_id = ? ORDER BY t.handle"
STATIONS = f"""
    SELECT {columns(tables.station, "s")} FROM station s
    WHERE s.tenant_id = ? AND s.account_id = ? AND s.removed_at IS NULL
    ORDER BY s.is_default DESC, s.handle
"""
PARTNER = f"""
    SELECT {columns(tables.partner, "p")} FROM partner p
    WHERE p.account_id = ? AND p.handle = ? AND p.tenant_id = ? AND p.removed_at IS NULL
"""

# ── Bytes, numbers ────────────────────────────────────────────────────────────────────────────────────────────────────

ADD_BLOB = insert(tables.blob)
FIND_BLOB = "SELECT size, data FROM blob WHERE id = ?"
BLOB_EXISTS = "SELECT 1 FROM blob WHERE id = ?"
NEXT_HANDLE = """
    INSERT INTO handle (account_id, kind, last) VALUES (?, ?, 1)
    ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last
"""
ANY_SEALED_KEY = "SELECT sealed_key FROM certificate WHERE sealed_key IS NOT NULL ORDER BY id DESC LIMIT 1"

# ── Jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

# A claimed row is taken over with a later time than it had, so that finishing the earlier job does not remove it.
SUBMIT_JOB = """
    INSERT INTO job (key, kind, subject_id, lane, priority, due_at, claimed_at, lane_width)
    VALUES (:key, :kind, :subject_id, :lane, :priority, :due_at, :claimed_at, :lane_width)
    ON CONFLICT (key) DO UPDATE SET
        kind = :kind, subject_id = :subject_id, lane = :lane, priority = :priority, lane_width = :lane_width,
        due_at = max(:due_at, due_at + 1), claimed_at = :claimed_at
        WHERE claimed_at IS NOT NULL
    RETURNING due_at
"""
CANCEL_JOB = "DELETE FROM job WHERE key = ? AND claimed_at IS NULL"
WITHDRAW_JOB = "DELETE FROM job WHERE key = ?"
_IS_DUE = "claimed_at IS NULL AND priority = ? AND due_at <= ? AND lane NOT IN (SELECT value FROM json_each(?))"
ANY_DUE = f"SELECT 1 FROM job WHERE {_IS_DUE} LIMIT 1"
CLAIM_DUE = f"""
    UPDATE job SET claimed_at = ? WHERE key IN (SELECT key FROM job WHERE {_IS_DUE} ORDER BY due_at LIMIT ?)
    RETURNING key, kind, subject_id, lane, priority, due_at, lane_width
"""
RELEASE_ALL = "UPDATE job SET claimed_at = NULL WHERE claimed_at IS NOT NULL"
RELEASE_JOB = "UPDATE job SET claimed_at = NULL WHERE key = ? AND due_at = ?"
FINISH_JOB = "DELETE FROM job WHERE key = ? AND due_at = ? AND claimed_at IS NOT NULL"
