-- Mail that comes back about notices, and the keys that sign what leaves.

CREATE TABLE incoming_report (
    notice_id BLOB NOT NULL REFERENCES notice (id),
    sha256 TEXT NOT NULL,
    blob_id BLOB NOT NULL REFERENCES blob (id) DEFERRABLE INITIALLY DEFERRED,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (notice_id, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE dkim_key (
    domain TEXT NOT NULL PRIMARY KEY,
    selector TEXT NOT NULL,
    sealed_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
