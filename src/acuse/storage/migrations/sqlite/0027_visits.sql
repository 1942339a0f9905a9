-- What recipients do on their pages: the browsers that were there, sealed as a whole.

CREATE TABLE visit (
    notice_id BLOB NOT NULL PRIMARY KEY REFERENCES notice (id),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
