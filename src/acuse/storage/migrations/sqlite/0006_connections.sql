-- How the server of a partner is reached: our credentials for it, sealed, and how many requests it takes at once.

ALTER TABLE partner ADD COLUMN sealed_credentials BLOB;
ALTER TABLE job ADD COLUMN lane_width INTEGER NOT NULL DEFAULT 4;
