-- Webhooks: who wants to be told of events, and what became of each event there.

CREATE TABLE webhook_endpoint (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    url TEXT NOT NULL,
    url_is_vouched INTEGER NOT NULL,
    sealed_secret BLOB NOT NULL,
    events TEXT NOT NULL,
    description TEXT,
    active INTEGER NOT NULL,
    timeout INTEGER NOT NULL,
    sealed_headers BLOB NOT NULL,
    retry TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (account_id, handle)
) STRICT;

CREATE INDEX webhook_endpoint_of_tenant ON webhook_endpoint (tenant_id, handle);

CREATE TABLE webhook_delivery (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    position INTEGER NOT NULL REFERENCES event (position),
    message_key BLOB NOT NULL,
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
    UNIQUE (endpoint_id, position)
) STRICT;

CREATE INDEX webhook_delivery_pending ON webhook_delivery (endpoint_id, message_key, position) WHERE state = 'pending';

CREATE INDEX event_of_tenant ON event (tenant_id, position);

-- Until now an event did not say when its message was changed: that was when it happened.
UPDATE event SET data = json_set(
    data, '$.updated_at',
    strftime('%Y-%m-%dT%H:%M:%S', occurred_at / 1000000, 'unixepoch') || printf('.%06dZ', occurred_at % 1000000)
);
