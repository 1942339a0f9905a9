-- From where a key may be used, the text that a rotation replaced, and the last use of a key.
ALTER TABLE api_key ADD COLUMN networks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE api_key ADD COLUMN replaced_digest BLOB;
ALTER TABLE api_key ADD COLUMN replaced_until INTEGER;
CREATE UNIQUE INDEX api_key_replaced ON api_key (replaced_digest) WHERE replaced_digest IS NOT NULL;

-- A table of its own, without the triggers of the configuration: a use changes nothing that anybody keeps.
CREATE TABLE api_key_use (
    key_id BLOB NOT NULL PRIMARY KEY REFERENCES api_key (id) ON DELETE CASCADE,
    used_at INTEGER NOT NULL,
    address TEXT
) STRICT, WITHOUT ROWID;
