-- How often a message was sent again because its receipt was overdue.
ALTER TABLE message ADD COLUMN asked_again INTEGER NOT NULL DEFAULT 0;
