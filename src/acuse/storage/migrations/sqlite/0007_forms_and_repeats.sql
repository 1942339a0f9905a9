-- Over which form of its content a partner signs, and how often a partner repeated a message.
ALTER TABLE partner ADD COLUMN form TEXT;
ALTER TABLE message ADD COLUMN form TEXT;
ALTER TABLE message ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
