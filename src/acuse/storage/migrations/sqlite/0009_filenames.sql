-- Whether a partner sent a file of that name before.
CREATE INDEX attachment_by_filename ON attachment (filename) WHERE filename IS NOT NULL;
