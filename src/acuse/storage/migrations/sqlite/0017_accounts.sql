-- Names of accounts and tenants for programs, and the plan of an account.
ALTER TABLE account ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN plan TEXT;
UPDATE account SET slug = 'account-' || handle, updated_at = created_at;

ALTER TABLE tenant ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE tenant SET slug = 'tenant-' || handle, updated_at = created_at;
CREATE UNIQUE INDEX tenant_slug ON tenant (account_id, slug);
