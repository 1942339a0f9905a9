"""The tables of certified e-mail; the rule is that of `tables`.

Of sendings and notices only what is searched has a column of its own; the value as a whole is JSON in `data`.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from acuse.storage.tables import metadata

sender = Table(
    "sender",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("handle", Integer, nullable=False),
    Column("account_id", LargeBinary, nullable=False),
    Column("tenant_id", LargeBinary, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("assurance", Text),
    Column("validated_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
)

sending = Table(
    "sending",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("account_id", LargeBinary, nullable=False),
    Column("sender_id", LargeBinary, nullable=False),
    Column("text_blob_id", LargeBinary, nullable=False),
    Column("data", Text, nullable=False),
)

sending_attachment = Table(
    "sending_attachment",
    metadata,
    Column("sending_id", LargeBinary(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("filename", Text),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("blob_id", LargeBinary, nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("handle", Integer, nullable=False),
    Column("sending_id", LargeBinary, nullable=False),
    Column("account_id", LargeBinary, nullable=False),
    Column("tenant_id", LargeBinary, nullable=False),
    Column("mode", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("reference", Text),
    Column("passage", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settles_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("message_blob_id", LargeBinary),
    Column("sealed_secret", LargeBinary),
    Column("data", Text, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("notice_id", LargeBinary(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("subject_id", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)

visit = Table(
    "visit",
    metadata,
    Column("notice_id", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("account_id", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("notice_id", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
)

balance = Table(
    "balance",
    metadata,
    Column("account_id", LargeBinary(16), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

incoming_report = Table(
    "incoming_report",
    metadata,
    Column("notice_id", LargeBinary(16), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("blob_id", LargeBinary(16), nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

dkim_key = Table(
    "dkim_key",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("selector", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
)
