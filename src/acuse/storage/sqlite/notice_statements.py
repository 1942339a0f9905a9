"""The SQL of certified e-mail; the rule is that of `statements`."""
# ruff: noqa: S608 - every name that is put into a statement comes from the table definitions

from acuse.storage import notice_tables as tables
from acuse.storage.sqlite.statements import change, columns, insert

ADD_SENDER = insert(tables.sender)
SAVE_SENDER = "UPDATE sender SET name = :name, assurance = :assurance, validated_at = :validated_at WHERE id = :id"
REMOVE_SENDER = "UPDATE sender SET removed_at = ? WHERE id = ? AND removed_at IS NULL"
_SENDER = f"SELECT {columns(tables.sender, 's')} FROM sender s"
GET_SENDER = f"{_SENDER} WHERE s.id = ? AND s.removed_at IS NULL"
SENDERS = f"{_SENDER} WHERE s.tenant_id = ? AND s.account_id = ? AND s.removed_at IS NULL ORDER BY s.handle"
SENDER = f"{_SENDER} WHERE s.account_id = ? AND s.handle = ? AND s.tenant_id = ? AND s.removed_at IS NULL"

ADD_SENDING = insert(tables.sending)
ADD_ATTACHMENT = insert(tables.sending_attachment)
ATTACHMENTS = f"""
    SELECT {columns(tables.sending_attachment, "a")} FROM sending_attachment a
    WHERE a.sending_id = ? ORDER BY a.position
"""

ADD_NOTICE = insert(tables.notice)
SAVE_NOTICE = change(
    tables.notice,
    fixed=("id", "handle", "sending_id", "account_id", "tenant_id", "mode", "address", "reference", "created_at"),
)
GET_NOTICE = f"SELECT {columns(tables.notice, 'n')} FROM notice n WHERE n.id = ?"
_VIEWED = f"""
    SELECT {columns(tables.notice, "n")}, {columns(tables.sender, "s")}, g.data
    FROM notice n JOIN sending g ON g.id = n.sending_id JOIN sender s ON s.id = g.sender_id
"""
VIEW_BY_ID = f"{_VIEWED} WHERE n.id = ?"
VIEW_BY_HANDLE = f"{_VIEWED} WHERE n.account_id = ? AND n.handle = ? AND n.tenant_id = ? AND n.mode = ?"

SETTLING = "SELECT id FROM notice WHERE passage = 'handed_over' AND settles_at <= ? ORDER BY settles_at LIMIT ?"
EXPIRING = """
    SELECT id FROM notice WHERE expires_at <= ? AND reading IN ('unseen', 'opened', 'identifying', 'locked')
        AND passage NOT IN ('cancelled', 'failed')
    ORDER BY expires_at LIMIT ?
"""

ADD_FACT = insert(tables.fact)
LAST_FACT = "SELECT position, hash FROM fact WHERE notice_id = ? ORDER BY position DESC LIMIT 1"
JOURNAL = "SELECT record, hash FROM fact WHERE notice_id = ? ORDER BY position"

ADD_LINK = insert(tables.link)
LINK = f"SELECT {columns(tables.link, 'l')} FROM link l WHERE l.digest = ?"
REMOVE_LINK = "DELETE FROM link WHERE digest = ?"

ADD_REPORT = insert(tables.incoming_report)
REPORTS = f"""
    SELECT {columns(tables.incoming_report, "r")} FROM incoming_report r
    WHERE r.notice_id = ? ORDER BY r.received_at, r.sha256
"""

ADD_DKIM_KEY = insert(tables.dkim_key).replace("INSERT", "INSERT OR REPLACE", 1)
DKIM_KEY = f"SELECT {columns(tables.dkim_key, 'k')} FROM dkim_key k WHERE k.domain = ?"
DKIM_DOMAINS = "SELECT domain FROM dkim_key ORDER BY domain"

VISIT = "SELECT sealed FROM visit WHERE notice_id = ?"
SAVE_VISIT = """
    INSERT INTO visit (notice_id, sealed) VALUES (:notice_id, :sealed)
    ON CONFLICT (notice_id) DO UPDATE SET sealed = excluded.sealed
"""

ADD_ENTRY = insert(tables.ledger)
CHANGE_BALANCE = """
    INSERT INTO balance (account_id, amount) VALUES (?, ?)
    ON CONFLICT (account_id) DO UPDATE SET amount = amount + excluded.amount RETURNING amount
"""
BALANCE = "SELECT amount FROM balance WHERE account_id = ?"


def listed(names: tuple[str, ...]) -> str:
    """The views of a list, newest first, by the columns named; then the limit and the offset."""
    return f"{_VIEWED} WHERE {_scope(names)} ORDER BY n.created_at DESC, n.handle DESC LIMIT ? OFFSET ?"


def counted(names: tuple[str, ...]) -> str:
    """How many there are of them."""
    return f"SELECT count(*) FROM notice n WHERE {_scope(names)}"


def _scope(names: tuple[str, ...]) -> str:
    return " AND ".join(f"n.{name} = ?" for name in ("tenant_id", "mode", "account_id", *names))
