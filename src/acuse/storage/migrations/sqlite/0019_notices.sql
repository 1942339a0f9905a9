-- Certified e-mail: notices with their journals, senders and credits.

CREATE TABLE sender (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    assurance TEXT,
    validated_at INTEGER,
    created_at INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (account_id, handle)
) STRICT;

CREATE UNIQUE INDEX sender_address ON sender (tenant_id, address) WHERE removed_at IS NULL;

CREATE TABLE sending (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    sender_id BLOB NOT NULL REFERENCES sender (id),
    text_blob_id BLOB NOT NULL REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    data TEXT NOT NULL
) STRICT;

CREATE TABLE sending_attachment (
    sending_id BLOB NOT NULL REFERENCES sending (id),
    position INTEGER NOT NULL,
    filename TEXT,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    blob_id BLOB NOT NULL REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (sending_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    sending_id BLOB NOT NULL REFERENCES sending (id),
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    mode TEXT NOT NULL,
    address TEXT NOT NULL,
    reference TEXT,
    passage TEXT NOT NULL,
    reading TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    settles_at INTEGER,
    expires_at INTEGER,
    message_blob_id BLOB REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    sealed_secret BLOB,
    data TEXT NOT NULL,
    UNIQUE (account_id, handle)
) STRICT;

CREATE INDEX notice_newest ON notice (tenant_id, mode, created_at, handle);
CREATE INDEX notice_of_address ON notice (tenant_id, mode, address, created_at, handle);
CREATE INDEX notice_of_reference ON notice (tenant_id, mode, reference, created_at, handle) WHERE reference IS NOT NULL;
CREATE INDEX notice_by_passage ON notice (tenant_id, mode, passage, created_at, handle);
CREATE INDEX notice_by_reading ON notice (tenant_id, mode, reading, created_at, handle);
CREATE INDEX notice_settling ON notice (settles_at) WHERE passage = 'handed_over';
CREATE INDEX notice_expiring ON notice (expires_at)
    WHERE reading IN ('unseen', 'opened', 'identifying', 'locked') AND passage NOT IN ('cancelled', 'failed');

CREATE TABLE fact (
    notice_id BLOB NOT NULL REFERENCES notice (id),
    position INTEGER NOT NULL,
    record BLOB NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (notice_id, position)
) STRICT, WITHOUT ROWID;

-- What was observed stays as it was written: a correction is another fact.
CREATE TRIGGER fact_never_changes BEFORE UPDATE ON fact BEGIN SELECT raise(ABORT, 'a fact never changes'); END;
CREATE TRIGGER fact_never_goes BEFORE DELETE ON fact BEGIN SELECT raise(ABORT, 'a fact never goes'); END;

CREATE TABLE link (
    digest BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    notice_id BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_of_account ON ledger (account_id, created_at);

CREATE TRIGGER ledger_never_changes BEFORE UPDATE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_never_shrinks BEFORE DELETE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;

CREATE TABLE balance (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    amount INTEGER NOT NULL
) STRICT;
