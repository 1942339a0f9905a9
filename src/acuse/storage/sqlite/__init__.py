"""The storage on SQLite: the default, for one machine."""
