-- The foundation: who we are, whom we know, what was exchanged, what is to be done.
-- Times are microseconds since 1970 in UTC. Ids are UUIDs of 16 bytes. Structured values are JSON.

CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tenant (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, handle)
) STRICT;

CREATE TABLE station (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    as2_id TEXT NOT NULL,
    receive_url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, handle),
    UNIQUE (as2_id, tenant_id)
) STRICT;

CREATE INDEX station_of_tenant ON station (tenant_id, handle);

CREATE TABLE partner (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    as2_id TEXT NOT NULL,
    url TEXT NOT NULL,
    url_is_vouched INTEGER NOT NULL,
    active INTEGER NOT NULL,
    terms TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (account_id, handle),
    UNIQUE (as2_id, tenant_id)
) STRICT;

CREATE INDEX partner_of_tenant ON partner (tenant_id, handle);

CREATE TABLE certificate (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    owner_id BLOB NOT NULL,
    uses TEXT NOT NULL,
    x509_der BLOB NOT NULL,
    sealed_key BLOB,
    active_from INTEGER NOT NULL,
    active_until INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX certificate_of_owner ON certificate (owner_id, handle);

CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB REFERENCES tenant (id),
    name TEXT NOT NULL,
    mode TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hint TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    UNIQUE (account_id, handle)
) STRICT;

CREATE TABLE handle (
    account_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind)
) STRICT, WITHOUT ROWID;

-- The bytes themselves while they are small; larger ones lie in a file of that id.
CREATE TABLE blob (
    id BLOB NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    data BLOB
) STRICT;

-- References to blobs are checked at the commit: a decision may write the rows in any order.
CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    station_id BLOB NOT NULL REFERENCES station (id),
    partner_id BLOB NOT NULL REFERENCES partner (id),
    direction TEXT NOT NULL,
    wire_id TEXT NOT NULL,
    wire_key TEXT NOT NULL,
    subject TEXT,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    is_signed INTEGER NOT NULL,
    is_encrypted INTEGER NOT NULL,
    is_compressed INTEGER NOT NULL,
    mdn TEXT NOT NULL,
    transmission TEXT NOT NULL,
    receipt TEXT NOT NULL,
    receipt_is_late INTEGER NOT NULL,
    priority TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempt_token BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    scheduled_at INTEGER,
    first_attempt_at INTEGER,
    last_attempt_at INTEGER,
    next_attempt_at INTEGER,
    sent_at INTEGER,
    delivered_at INTEGER,
    receipt_due_at INTEGER,
    problem TEXT,
    custom_headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    wire_headers TEXT,
    wire_blob_id BLOB REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    raw_sha256 TEXT,
    exchange TEXT,
    UNIQUE (account_id, handle)
) STRICT;

CREATE INDEX message_newest ON message (tenant_id, created_at, handle);
CREATE INDEX message_of_partner ON message (partner_id, created_at, handle);
CREATE INDEX message_by_state ON message (tenant_id, transmission, receipt, receipt_is_late, created_at, handle);
CREATE INDEX message_overdue ON message (receipt_due_at) WHERE receipt = 'pending';
-- A message that came without a Message-ID repeats no other.
CREATE UNIQUE INDEX message_inbound ON message (station_id, partner_id, wire_key)
    WHERE direction = 'inbound' AND wire_key <> '';
CREATE INDEX message_outbound ON message (station_id, partner_id, wire_key, created_at) WHERE direction = 'outbound';

CREATE TABLE attachment (
    message_key BLOB NOT NULL REFERENCES message (id),
    position INTEGER NOT NULL,
    filename TEXT,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    blob_id BLOB NOT NULL REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (message_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    id BLOB NOT NULL PRIMARY KEY,
    message_key BLOB NOT NULL REFERENCES message (id),
    direction TEXT NOT NULL,
    wire_headers TEXT NOT NULL,
    wire_blob_id BLOB NOT NULL REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    disposition TEXT NOT NULL,
    received_content_mic TEXT,
    original_message_id TEXT,
    reporting_ua TEXT,
    final_recipient TEXT,
    text TEXT NOT NULL,
    is_signed INTEGER NOT NULL,
    is_verified INTEGER NOT NULL,
    reply_url TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX receipt_of_message ON receipt (message_key, direction, created_at);

-- Positions are in the order of the commits, because one unit writes at a time; AUTOINCREMENT never gives one twice.
CREATE TABLE event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    account_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    message_key BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    data TEXT NOT NULL
) STRICT;

-- A job waits while nobody claimed it. Its key is unique: work that is wanted again meanwhile takes the claimed row over.
CREATE TABLE job (
    key TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    lane TEXT NOT NULL,
    priority TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    claimed_at INTEGER
) STRICT, WITHOUT ROWID;

-- Whole jobs are not touched to skip those of busy lanes.
CREATE INDEX job_due ON job (priority, due_at, lane, claimed_at) WHERE claimed_at IS NULL;
