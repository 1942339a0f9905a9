-- What a message of test mode wants of the simulated partner, and the key pair of that partner: one for each home.
ALTER TABLE message ADD COLUMN simulate TEXT;

CREATE TABLE simulated_partner (
    id BLOB NOT NULL PRIMARY KEY,
    x509_der BLOB NOT NULL,
    sealed_key BLOB NOT NULL
) STRICT;

CREATE TRIGGER simulated_partner_added AFTER INSERT ON simulated_partner
BEGIN UPDATE directory_version SET version = version + 1; END;
