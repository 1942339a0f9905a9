-- The version of the configuration: whoever keeps what it read of these tables learns from it that something changed,
-- whichever process changed it.

CREATE TABLE directory_version (version INTEGER NOT NULL) STRICT;
INSERT INTO directory_version VALUES (1);

CREATE TRIGGER account_added AFTER INSERT ON account BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER account_changed AFTER UPDATE ON account BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER account_removed AFTER DELETE ON account BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER tenant_added AFTER INSERT ON tenant BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER tenant_changed AFTER UPDATE ON tenant BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER tenant_removed AFTER DELETE ON tenant BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER station_added AFTER INSERT ON station BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER station_changed AFTER UPDATE ON station BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER station_removed AFTER DELETE ON station BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER partner_added AFTER INSERT ON partner BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER partner_changed AFTER UPDATE ON partner BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER partner_removed AFTER DELETE ON partner BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER certificate_added AFTER INSERT ON certificate BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER certificate_changed AFTER UPDATE ON certificate BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER certificate_removed AFTER DELETE ON certificate BEGIN UPDATE directory_version SET version = version + 1; END;

CREATE TRIGGER api_key_added AFTER INSERT ON api_key BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER api_key_changed AFTER UPDATE ON api_key BEGIN UPDATE directory_version SET version = version + 1; END;
CREATE TRIGGER api_key_removed AFTER DELETE ON api_key BEGIN UPDATE directory_version SET version = version + 1; END;
