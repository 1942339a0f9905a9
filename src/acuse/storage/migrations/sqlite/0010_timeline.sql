-- What was done with a message, step by step: one row for each unit that did something.
CREATE TABLE timeline (
    number INTEGER NOT NULL PRIMARY KEY,
    message_key BLOB NOT NULL,
    steps TEXT NOT NULL
) STRICT;

CREATE INDEX timeline_of_message ON timeline (message_key);
