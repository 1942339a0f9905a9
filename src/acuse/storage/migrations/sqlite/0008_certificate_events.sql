-- Events tell of certificates too: the kind says what the subject is.
ALTER TABLE event RENAME COLUMN message_key TO subject_id;
ALTER TABLE webhook_delivery RENAME COLUMN message_key TO subject_id;

-- Of which span before its end a certificate has been told; 0 once it has expired.
ALTER TABLE certificate ADD COLUMN told_days INTEGER;
