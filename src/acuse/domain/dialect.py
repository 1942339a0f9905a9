"""The APIs of other services that the gateway speaks beside its own."""

from enum import StrEnum


class Dialect(StrEnum):
    """Whose words a caller uses, or an event is told in."""

    NATIVE = "native"
    AS2EXPERT = "as2expert"
    MFT = "mft"
    MENSATEK = "mensatek"
