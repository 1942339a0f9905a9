-- Lists cost the same however many messages there are: an index for each filter, and how many messages there are of
-- each kind, counted as they are written.

ALTER TABLE message ADD COLUMN media_type TEXT NOT NULL
    GENERATED ALWAYS AS (lower(trim(substr(content_type, 1, instr(content_type || ';', ';') - 1)))) VIRTUAL;
ALTER TABLE message ADD COLUMN has_problem INTEGER NOT NULL GENERATED ALWAYS AS (problem IS NOT NULL) VIRTUAL;

CREATE INDEX message_of_direction ON message (tenant_id, mode, direction, created_at, handle);
CREATE INDEX message_of_type ON message (tenant_id, mode, media_type, created_at, handle);
CREATE INDEX message_signed ON message (tenant_id, mode, is_signed, created_at, handle);
CREATE INDEX message_encrypted ON message (tenant_id, mode, is_encrypted, created_at, handle);
CREATE INDEX message_with_problem ON message (tenant_id, mode, has_problem, created_at, handle);

CREATE TABLE message_count (
    tenant_id BLOB NOT NULL,
    mode TEXT NOT NULL,
    partner_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    transmission TEXT NOT NULL,
    receipt TEXT NOT NULL,
    receipt_is_late INTEGER NOT NULL,
    is_signed INTEGER NOT NULL,
    is_encrypted INTEGER NOT NULL,
    has_problem INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (
        tenant_id, mode, partner_id, direction, transmission, receipt, receipt_is_late, is_signed, is_encrypted,
        has_problem
    )
) STRICT, WITHOUT ROWID;

INSERT INTO message_count
    SELECT tenant_id, mode, partner_id, direction, transmission, receipt, receipt_is_late, is_signed, is_encrypted,
        has_problem, count(*)
    FROM message GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;

CREATE TRIGGER message_counted AFTER INSERT ON message BEGIN
    INSERT INTO message_count VALUES (
        new.tenant_id, new.mode, new.partner_id, new.direction, new.transmission, new.receipt, new.receipt_is_late,
        new.is_signed, new.is_encrypted, new.has_problem, 1
    ) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER message_counted_anew AFTER UPDATE ON message
WHEN (old.transmission, old.receipt, old.receipt_is_late, old.has_problem, old.is_signed, old.is_encrypted)
    IS NOT (new.transmission, new.receipt, new.receipt_is_late, new.has_problem, new.is_signed, new.is_encrypted)
BEGIN
    UPDATE message_count SET count = count - 1
    WHERE tenant_id = old.tenant_id AND mode = old.mode AND partner_id = old.partner_id AND direction = old.direction
        AND transmission = old.transmission AND receipt = old.receipt AND receipt_is_late = old.receipt_is_late
        AND is_signed = old.is_signed AND is_encrypted = old.is_encrypted AND has_problem = old.has_problem;
    INSERT INTO message_count VALUES (
        new.tenant_id, new.mode, new.partner_id, new.direction, new.transmission, new.receipt, new.receipt_is_late,
        new.is_signed, new.is_encrypted, new.has_problem, 1
    ) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER message_no_longer_counted AFTER DELETE ON message BEGIN
    UPDATE message_count SET count = count - 1
    WHERE tenant_id = old.tenant_id AND mode = old.mode AND partner_id = old.partner_id AND direction = old.direction
        AND transmission = old.transmission AND receipt = old.receipt AND receipt_is_late = old.receipt_is_late
        AND is_signed = old.is_signed AND is_encrypted = old.is_encrypted AND has_problem = old.has_problem;
END;

-- What is searched by its words. Messages are entered into the index by a sweep, many at a time, because one at a time
-- costs ten times as much; until then they wait here, and are looked through one by one.

CREATE VIRTUAL TABLE message_text USING fts5 (subject, wire_id, content = '', columnsize = 0, tokenize = 'trigram');
CREATE TABLE message_indexed (
    number INTEGER NOT NULL PRIMARY KEY, message_key BLOB NOT NULL, tenant_id BLOB NOT NULL, mode TEXT NOT NULL
) STRICT;
CREATE TABLE message_unindexed (
    message_key BLOB NOT NULL PRIMARY KEY, tenant_id BLOB NOT NULL, mode TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO message_unindexed SELECT id, tenant_id, mode FROM message;

CREATE TRIGGER message_waits_for_the_index AFTER INSERT ON message BEGIN
    INSERT INTO message_unindexed VALUES (new.id, new.tenant_id, new.mode);
END;
