-- What an endpoint answered and how long that took; a secret that was replaced, which signs for a while beside the new
-- one; the last post that somebody asked for to try the endpoint.
ALTER TABLE webhook_delivery ADD COLUMN excerpt TEXT;
ALTER TABLE webhook_delivery ADD COLUMN duration INTEGER;
ALTER TABLE webhook_endpoint ADD COLUMN sealed_replaced_secret BLOB;
ALTER TABLE webhook_endpoint ADD COLUMN replaced_until INTEGER;
ALTER TABLE webhook_endpoint ADD COLUMN last_test TEXT;

-- To replay what was given up.
CREATE INDEX webhook_delivery_given_up ON webhook_delivery (endpoint_id, position) WHERE state = 'given_up';
