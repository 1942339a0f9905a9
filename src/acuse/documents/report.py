"""What was found in a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_ISSUES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that is wrong."""

    code: str
    """For programs, such as `CONTROL_NUMBER`."""
    message: str
    segment: int | None = None
    """Where, counted from 1 in segments."""
    line: int | None = None
    """Where, counted from 1 in lines."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What is wrong, and what the document says of itself."""

    issues: list[Issue] = field(default_factory=list)
    """At most MOST_ISSUES."""
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not self.issues

    def add(self, code: str, message: str, *, segment: int | None = None, line: int | None = None) -> None:
        """Note an issue, if there is room."""
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(Issue(code=code, message=message, segment=segment, line=line))
