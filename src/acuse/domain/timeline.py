"""The timeline of a message: what was done with it, step by step, for people who want to know where it spent its time.

Rule: a timeline is told, never asked: nothing is decided by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

_MICROSECOND = timedelta(microseconds=1)


class StepName(StrEnum):
    """What was done."""

    ACCEPTED = "accepted"
    """A message to send was kept."""
    HTTP = "http"
    """A request came in, or an attempt went out and was answered, or was not."""
    DECRYPT = "decrypt"
    VERIFY = "verify"
    DECOMPRESS = "decompress"
    COMPRESS = "compress"
    SIGN = "sign"
    ENCRYPT = "encrypt"
    MIC = "mic"
    STORE = "store"
    RECEIPT = "receipt"
    """Our receipt was written, or the partner's was read and judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    """One step."""

    at: datetime
    """When it was over, as far as it is known apart from the steps beside it."""
    name: StepName
    size: int | None = None
    """Bytes that it gave or carried."""
    algorithm: str | None = None
    certificate: str | None = None
    """SHA-256 fingerprint of the certificate that was used."""
    duration: int | None = None
    """In microseconds."""
    outcome: str | None = None
    """In a few words; None where there is nothing to say."""

    @classmethod
    def took(cls, duration: timedelta, **fields: object) -> Self:
        """A step of this duration; one that the clock makes negative counts as none."""
        return cls(duration=max(duration // _MICROSECOND, 0), **fields)  # type: ignore[arg-type]


Timeline = tuple[TimelineStep, ...]


def in_order(steps: Iterable[TimelineStep]) -> Timeline:
    """By time; what was written together keeps its order."""
    return tuple(sorted(steps, key=lambda step: step.at))
