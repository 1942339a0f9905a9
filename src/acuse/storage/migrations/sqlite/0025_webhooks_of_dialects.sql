-- An endpoint may be told in the words of another service, and of one station or partner alone. There one event may have
-- several names, and each is delivered by itself.
ALTER TABLE webhook_endpoint ADD COLUMN dialect TEXT NOT NULL DEFAULT 'native';
ALTER TABLE webhook_endpoint ADD COLUMN scope_id BLOB;

CREATE TEMPORARY TABLE kept_delivery AS SELECT * FROM webhook_delivery;
DROP TABLE webhook_delivery;
CREATE TABLE webhook_delivery (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    position INTEGER NOT NULL REFERENCES event (position),
    subject_id BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    attempt_token BLOB,
    created_at INTEGER NOT NULL,
    first_attempt_at INTEGER,
    last_attempt_at INTEGER,
    next_attempt_at INTEGER,
    settled_at INTEGER,
    status INTEGER,
    error TEXT,
    excerpt TEXT,
    duration INTEGER,
    told_as TEXT NOT NULL,
    UNIQUE (endpoint_id, position, told_as)
) STRICT;
INSERT INTO webhook_delivery
    SELECT k.*, e.kind FROM kept_delivery k JOIN event e ON e.position = k.position;
DROP TABLE kept_delivery;
CREATE INDEX webhook_delivery_pending ON webhook_delivery (endpoint_id, subject_id, position) WHERE state = 'pending';
CREATE INDEX webhook_delivery_given_up ON webhook_delivery (endpoint_id, position) WHERE state = 'given_up';
