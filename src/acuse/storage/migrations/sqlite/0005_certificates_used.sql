-- Which certificates a message and its receipt turned out to use, by fingerprint.
ALTER TABLE message ADD COLUMN certificates TEXT NOT NULL DEFAULT '{}';
