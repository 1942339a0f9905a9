-- Receipts that match nothing we sent. Their bytes lie in the row: they are few, bounded, and go again.
CREATE TABLE stray_receipt (
    id BLOB NOT NULL PRIMARY KEY,
    handle INTEGER NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    partner_id BLOB,
    from_as2_id TEXT NOT NULL,
    to_as2_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    original_message_id TEXT,
    disposition TEXT,
    is_signed INTEGER NOT NULL,
    is_verified INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, handle)
) STRICT;

CREATE INDEX stray_receipt_of_tenant ON stray_receipt (tenant_id, is_verified, handle);
CREATE INDEX stray_receipt_newest ON stray_receipt (tenant_id, handle);
