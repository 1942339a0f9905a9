-- What was answered to requests with an idempotency key, for a day.
CREATE TABLE kept_answer (
    number INTEGER NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    mode TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (tenant_id, mode, route, key)
) STRICT;

CREATE INDEX kept_answer_oldest ON kept_answer (created_at);
