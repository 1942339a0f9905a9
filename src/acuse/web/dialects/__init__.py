"""The APIs of other services, each in a package of its own that knows no other."""
