-- What a key of test mode does and what is live are two worlds in one tenant: each list is of one of them.
ALTER TABLE message ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE event ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';
ALTER TABLE webhook_endpoint ADD COLUMN mode TEXT NOT NULL DEFAULT 'live';

DROP INDEX message_newest;
DROP INDEX message_of_partner;
DROP INDEX message_by_state;
DROP INDEX event_of_tenant;
DROP INDEX webhook_endpoint_of_tenant;
CREATE INDEX message_newest ON message (tenant_id, mode, created_at, handle);
CREATE INDEX message_of_partner ON message (partner_id, mode, created_at, handle);
CREATE INDEX message_by_state ON message
    (tenant_id, mode, transmission, receipt, receipt_is_late, created_at, handle);
CREATE INDEX event_of_tenant ON event (tenant_id, mode, position);
CREATE INDEX webhook_endpoint_of_tenant ON webhook_endpoint (tenant_id, mode, handle);
