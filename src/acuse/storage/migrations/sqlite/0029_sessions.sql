-- Who logged in to an API by password or token; a session goes with its credential.
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    key_id BLOB NOT NULL REFERENCES api_key (id) ON DELETE CASCADE,
    refresh_id BLOB NOT NULL,
    renewed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX session_key ON session (key_id);
CREATE INDEX session_renewed ON session (renewed_at);

-- Where a Message-ID is all that a client knows.
CREATE INDEX message_named ON message (wire_key) WHERE wire_key <> '';
