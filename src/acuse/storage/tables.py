"""The tables as SQLAlchemy sees them, for the queries that are built at run time.

Rule: the migrations make the schema; this file describes it, and a test compares the two. The order of the columns here
is the order in which `rows` writes and reads them.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

metadata = MetaData()


def _required(name: str, kind: type[TypeEngine[Any]] = Text) -> Column[Any]:
    return Column(name, kind(), nullable=False)


def _optional(name: str, kind: type[TypeEngine[Any]] = Text) -> Column[Any]:
    return Column(name, kind(), nullable=True)


def _id() -> Column[bytes]:
    return Column("id", LargeBinary(16), primary_key=True)


account = Table(
    "account",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("name"),
    _required("created_at", BigInteger),
    _required("slug"),
    _required("updated_at", BigInteger),
    _optional("plan"),
)

tenant = Table(
    "tenant",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("name"),
    _required("created_at", BigInteger),
    _required("slug"),
    _required("updated_at", BigInteger),
)

station = Table(
    "station",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("name"),
    _required("as2_id"),
    _required("receive_url"),
    _required("created_at", BigInteger),
    _required("updated_at", BigInteger),
    _optional("email"),
    _required("is_default", Boolean),
    _optional("removed_at", BigInteger),
)

partner = Table(
    "partner",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("name"),
    _required("as2_id"),
    _required("url"),
    _required("url_is_vouched", Boolean),
    _required("active", Boolean),
    _required("terms"),
    _required("created_at", BigInteger),
    _required("updated_at", BigInteger),
    _optional("sealed_credentials", LargeBinary),
    _optional("form"),
    _optional("email"),
    _optional("removed_at", BigInteger),
    _optional("station_id", LargeBinary),
)

certificate = Table(
    "certificate",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("tenant_id", LargeBinary),
    _required("owner_id", LargeBinary),
    _required("uses"),
    _required("x509_der", LargeBinary),
    _optional("sealed_key", LargeBinary),
    _required("active_from", BigInteger),
    _optional("active_until", BigInteger),
    _required("created_at", BigInteger),
    _required("name"),
    _required("updated_at", BigInteger),
    _optional("first_used_at", BigInteger),
    _optional("told_days", Integer),
    _required("chain"),
    _optional("removed_at", BigInteger),
)

certificate_request = Table(
    "certificate_request",
    metadata,
    _id(),
    _required("tenant_id", LargeBinary),
    _required("station_id", LargeBinary),
    _required("key_sha256"),
    _required("pkcs10_der", LargeBinary),
    _required("sealed_key", LargeBinary),
    _required("created_at", BigInteger),
)

api_key = Table(
    "api_key",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _optional("tenant_id", LargeBinary),
    _required("name"),
    _required("mode"),
    _required("scopes"),
    _required("hint"),
    _required("digest", LargeBinary),
    _required("created_at", BigInteger),
    _optional("expires_at", BigInteger),
    _required("networks"),
    _optional("replaced_digest", LargeBinary),
    _optional("replaced_until", BigInteger),
    _required("dialect"),
    _optional("username"),
    _optional("password_salt"),
    _optional("password_hash"),
    _optional("token_id"),
)

session = Table(
    "session",
    metadata,
    _id(),
    _required("key_id", LargeBinary),
    _required("refresh_id", LargeBinary),
    _required("renewed_at", BigInteger),
)

api_key_use = Table(
    "api_key_use",
    metadata,
    Column("key_id", LargeBinary(16), primary_key=True),
    _required("used_at", BigInteger),
    _optional("address"),
)

simulated_partner = Table(
    "simulated_partner", metadata, _id(), _required("x509_der", LargeBinary), _required("sealed_key", LargeBinary)
)

directory_version = Table("directory_version", metadata, _required("version", BigInteger))

handle = Table(
    "handle",
    metadata,
    Column("account_id", LargeBinary(16), primary_key=True),
    Column("kind", Text, primary_key=True),
    _required("last", Integer),
)

blob = Table(
    "blob", metadata, _id(), _required("size", BigInteger), _required("sha256"), _optional("data", LargeBinary)
)

message = Table(
    "message",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("station_id", LargeBinary),
    _required("partner_id", LargeBinary),
    _required("direction"),
    _required("wire_id"),
    _required("wire_key"),
    _optional("subject"),
    _required("content_type"),
    _required("size", BigInteger),
    _required("is_signed", Boolean),
    _required("is_encrypted", Boolean),
    _required("is_compressed", Boolean),
    _required("mdn"),
    _required("transmission"),
    _required("receipt"),
    _required("receipt_is_late", Boolean),
    _required("priority"),
    _required("attempts", Integer),
    _optional("attempt_token", LargeBinary),
    _required("created_at", BigInteger),
    _required("updated_at", BigInteger),
    _optional("scheduled_at", BigInteger),
    _optional("first_attempt_at", BigInteger),
    _optional("last_attempt_at", BigInteger),
    _optional("next_attempt_at", BigInteger),
    _optional("sent_at", BigInteger),
    _optional("delivered_at", BigInteger),
    _optional("receipt_due_at", BigInteger),
    _optional("problem"),
    _required("custom_headers"),
    _required("metadata"),
    _optional("wire_headers"),
    _optional("wire_blob_id", LargeBinary),
    _optional("raw_sha256"),
    _optional("exchange"),
    _required("certificates"),
    _optional("form"),
    _required("repeats", Integer),
    _required("mode"),
    _optional("resend_of", Integer),
    _optional("resent_as"),
    _optional("simulate"),
    _required("asked_again", Integer),
)

message_count = Table(
    "message_count",
    metadata,
    Column("tenant_id", LargeBinary(16), primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("partner_id", LargeBinary(16), primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("transmission", Text, primary_key=True),
    Column("receipt", Text, primary_key=True),
    Column("receipt_is_late", Boolean, primary_key=True),
    Column("is_signed", Boolean, primary_key=True),
    Column("is_encrypted", Boolean, primary_key=True),
    Column("has_problem", Boolean, primary_key=True),
    _required("count", BigInteger),
)
"""How many messages there are of each kind; the database keeps it by triggers."""

message_indexed = Table(
    "message_indexed",
    metadata,
    Column("number", Integer, primary_key=True),
    _required("message_key", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("mode"),
)

message_unindexed = Table(
    "message_unindexed",
    metadata,
    Column("message_key", LargeBinary(16), primary_key=True),
    _required("tenant_id", LargeBinary),
    _required("mode"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("message_key", LargeBinary(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    _optional("filename"),
    _required("content_type"),
    _required("size", BigInteger),
    _required("sha256"),
    _required("blob_id", LargeBinary),
)

receipt = Table(
    "receipt",
    metadata,
    _id(),
    _required("message_key", LargeBinary),
    _required("direction"),
    _required("wire_headers"),
    _required("wire_blob_id", LargeBinary),
    _required("disposition"),
    _optional("received_content_mic"),
    _optional("original_message_id"),
    _optional("reporting_ua"),
    _optional("final_recipient"),
    _required("text"),
    _required("is_signed", Boolean),
    _required("is_verified", Boolean),
    _optional("reply_url"),
    _required("created_at", BigInteger),
)

stray_receipt = Table(
    "stray_receipt",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _optional("partner_id", LargeBinary),
    _required("from_as2_id"),
    _required("to_as2_id"),
    _required("reason"),
    _optional("original_message_id"),
    _optional("disposition"),
    _required("is_signed", Boolean),
    _required("is_verified", Boolean),
    _required("headers"),
    _required("body", LargeBinary),
    _required("size", BigInteger),
    _required("created_at", BigInteger),
)

timeline = Table(
    "timeline",
    metadata,
    Column("number", BigInteger, primary_key=True),
    _required("message_key", LargeBinary),
    _required("steps"),
)

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("number", BigInteger, primary_key=True),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("mode"),
    _required("route"),
    _required("key"),
    _required("request_digest", LargeBinary),
    _required("status", Integer),
    _required("body", LargeBinary),
    _required("created_at", BigInteger),
)

event = Table(
    "event",
    metadata,
    Column("position", BigInteger, primary_key=True),
    _required("id", LargeBinary),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("kind"),
    _required("subject_id", LargeBinary),
    _required("occurred_at", BigInteger),
    _required("data"),
    _required("mode"),
)

job = Table(
    "job",
    metadata,
    Column("key", Text, primary_key=True),
    _required("kind"),
    _required("subject_id", LargeBinary),
    _required("lane"),
    _required("priority"),
    _required("due_at", BigInteger),
    _optional("claimed_at", BigInteger),
    _required("lane_width", Integer),
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    _id(),
    _required("handle", Integer),
    _required("account_id", LargeBinary),
    _required("tenant_id", LargeBinary),
    _required("url"),
    _required("url_is_vouched", Boolean),
    _required("sealed_secret", LargeBinary),
    _required("events"),
    _optional("description"),
    _required("active", Boolean),
    _required("timeout", BigInteger),
    _required("sealed_headers", LargeBinary),
    _required("retry"),
    _required("created_at", BigInteger),
    _required("updated_at", BigInteger),
    _required("mode"),
    _optional("sealed_replaced_secret", LargeBinary),
    _optional("replaced_until", BigInteger),
    _optional("last_test"),
    _required("dialect"),
    _optional("scope_id", LargeBinary),
)

message_mark = Table(
    "message_mark",
    metadata,
    Column("message_key", LargeBinary(16), primary_key=True),
    _required("is_read", Boolean),
    _required("is_deleted", Boolean),
    _optional("folder"),
    _required("changed_at", BigInteger),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    _id(),
    _required("endpoint_id", LargeBinary),
    _required("position", BigInteger),
    _required("subject_id", LargeBinary),
    _required("state"),
    _required("attempts", Integer),
    _optional("attempt_token", LargeBinary),
    _required("created_at", BigInteger),
    _optional("first_attempt_at", BigInteger),
    _optional("last_attempt_at", BigInteger),
    _optional("next_attempt_at", BigInteger),
    _optional("settled_at", BigInteger),
    _optional("status", Integer),
    _optional("error"),
    _optional("excerpt"),
    _optional("duration", BigInteger),
    _required("told_as"),
)
