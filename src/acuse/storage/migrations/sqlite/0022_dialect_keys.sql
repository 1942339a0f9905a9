-- A key belongs to one API; those of an API whose programs log in have a user name, and a token of two parts.
ALTER TABLE api_key ADD COLUMN dialect TEXT NOT NULL DEFAULT 'native';
ALTER TABLE api_key ADD COLUMN username TEXT;
ALTER TABLE api_key ADD COLUMN password_salt TEXT;
ALTER TABLE api_key ADD COLUMN password_hash TEXT;
ALTER TABLE api_key ADD COLUMN token_id TEXT;
CREATE UNIQUE INDEX api_key_username ON api_key (username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX api_key_token ON api_key (token_id) WHERE token_id IS NOT NULL;
