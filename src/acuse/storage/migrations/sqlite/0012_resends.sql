-- Messages that were sent again by hand are linked both ways, by their numbers in the account.
ALTER TABLE message ADD COLUMN resend_of INTEGER;
ALTER TABLE message ADD COLUMN resent_as TEXT;
