"""How long each layer of a message took, and how much came out of it.

The layers are readers over readers, so a layer's own time is what its reader took less what the reader below it took.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from acuse.mime import Reader

Clock = Callable[[], datetime]
_STANDSTILL = datetime(1970, 1, 1, tzinfo=UTC)


def no_clock() -> datetime:
    """Time stands still: for whoever does not want to know how long anything took."""
    return _STANDSTILL


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerStep:
    """One layer that was opened or built."""

    name: str
    """`decrypt`, `decompress` or `verify`; `compress`, `sign` or `encrypt`."""
    size: int
    """Bytes that came out of it, as far as it got."""
    duration: timedelta
    algorithm: str | None = None


class Metered:
    """A reader that counts its bytes and its time."""

    def __init__(self, name: str, reader: Reader, clock: Clock, algorithm: str | None = None) -> None:
        self.name = name
        self.algorithm = algorithm
        self.size = 0
        self.spent = timedelta()
        self.besides = timedelta()
        """Time of the layer that its reader did not take, nor the reader below it."""
        self._reader = reader
        self._clock = clock

    def read(self, size: int, /) -> bytes:
        began = self._clock()
        try:
            piece = self._reader.read(size)
        finally:
            self.spent += self._clock() - began
        self.size += len(piece)
        return piece


def steps_of(meters: Sequence[Metered]) -> tuple[LayerStep, ...]:
    """What each of the layers did, from the outside in."""
    below = [timedelta(), *(meter.spent for meter in meters)]
    return tuple(
        LayerStep(
            name=meter.name,
            size=meter.size,
            duration=max(meter.spent - under, timedelta()) + meter.besides,
            algorithm=meter.algorithm,
        )
        for meter, under in zip(meters, below, strict=False)
    )


class Laps:
    """Layers that are built one after the other."""

    def __init__(self, clock: Clock) -> None:
        self.steps: list[LayerStep] = []
        self._clock = clock
        self._began = clock()

    def end(self, name: str, size: int, algorithm: str) -> None:
        """A layer is there, and the next one begins."""
        began, self._began = self._began, self._clock()
        self.steps.append(LayerStep(name=name, size=size, duration=self._began - began, algorithm=algorithm))
