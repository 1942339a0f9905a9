-- Partners, stations and certificates can be changed and removed. What is removed stays, because messages refer to it,
-- but its AS2 identifier is free again: it is unique among what was not removed. SQLite changes a constraint only by
-- making the table anew; the references to its rows are checked at the commit.
PRAGMA defer_foreign_keys = ON;

CREATE TEMPORARY TABLE kept_partner AS SELECT * FROM partner;
DROP TABLE partner;
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
    sealed_credentials BLOB,
    form TEXT,
    email TEXT,
    removed_at INTEGER,
    UNIQUE (account_id, handle)
) STRICT;
INSERT INTO partner SELECT *, NULL, NULL FROM kept_partner;
DROP TABLE kept_partner;
CREATE INDEX partner_of_tenant ON partner (tenant_id, handle);
CREATE UNIQUE INDEX partner_by_as2_id ON partner (as2_id, tenant_id) WHERE removed_at IS NULL;

CREATE TEMPORARY TABLE kept_station AS SELECT * FROM station;
DROP TABLE station;
CREATE TABLE station (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    as2_id TEXT NOT NULL,
    receive_url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    email TEXT,
    is_default INTEGER NOT NULL,
    removed_at INTEGER,
    UNIQUE (account_id, handle)
) STRICT;
INSERT INTO station SELECT *, created_at, NULL, 0, NULL FROM kept_station;
DROP TABLE kept_station;
CREATE INDEX station_of_tenant ON station (tenant_id, is_default DESC, handle);
CREATE UNIQUE INDEX station_by_as2_id ON station (as2_id, tenant_id) WHERE removed_at IS NULL;

CREATE TRIGGER station_added AFTER INSERT ON station BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER station_changed AFTER UPDATE ON station BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER station_removed AFTER DELETE ON station BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER partner_added AFTER INSERT ON partner BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER partner_changed AFTER UPDATE ON partner BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER partner_removed AFTER DELETE ON partner BEGIN UPDATE directory_version SET version = version + 1; END;

-- The certificates between ours and an authority, in PEM.
ALTER TABLE certificate ADD COLUMN chain TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN removed_at INTEGER;

-- Key pairs whose certificate is still to be made by an authority.
CREATE TABLE certificate_request (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    station_id BLOB NOT NULL,
    key_sha256 TEXT NOT NULL,
    pkcs10_der BLOB NOT NULL,
    sealed_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX certificate_request_by_key ON certificate_request (tenant_id, key_sha256);
