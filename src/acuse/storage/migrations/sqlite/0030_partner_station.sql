-- The station that a partner belongs to, where it belongs to one.
ALTER TABLE partner ADD COLUMN station_id BLOB;
