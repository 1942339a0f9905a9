-- Certificates get a name for people, and are found by their number.
ALTER TABLE certificate ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN first_used_at INTEGER;

UPDATE certificate SET
    name = coalesce(
        (SELECT name FROM station WHERE id = certificate.owner_id),
        (SELECT name FROM partner WHERE id = certificate.owner_id),
        ''
    ),
    updated_at = created_at;

CREATE INDEX certificate_of_tenant ON certificate (tenant_id, handle);
