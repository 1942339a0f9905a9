"""The durable engine: it has accepted work done, also after a crash."""
