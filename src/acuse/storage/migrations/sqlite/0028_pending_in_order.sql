-- The next delivery is found in the order in which deliveries of one event are told.

DROP INDEX webhook_delivery_pending;
CREATE INDEX webhook_delivery_pending ON webhook_delivery (endpoint_id, subject_id, position, told_as)
    WHERE state = 'pending';
