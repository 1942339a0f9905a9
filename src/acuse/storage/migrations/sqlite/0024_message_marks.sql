-- What programs noted about messages: read, put into a folder, deleted. What is not noted is unread and in no folder.
CREATE TABLE message_mark (
    message_key BLOB NOT NULL PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    is_read INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    folder TEXT,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
