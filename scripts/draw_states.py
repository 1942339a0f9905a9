"""Draw the state tables of messages and notices into docs/reference/states.md: `python scripts/draw_states.py`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from acuse.domain import notice
from acuse.domain.message import RECEIPT, TRANSMISSION, Outcome, ReceiptState, Step, Transmission

_State = TypeVar("_State", bound=StrEnum)
_Event = TypeVar("_Event", bound=StrEnum)
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "states.md"

_INTRODUCTION = """\
# States of messages and notices

For whoever reads statuses or changes the code that sets them.
This page is drawn from the tables in `acuse.domain.message` and `acuse.domain.notice` by `scripts/draw_states.py`;
a test keeps it current.

A message has two states, never one.
Its *transmission* says how far the bytes got, its *receipt* says what became of the MDN.
The status that an API shows is made of both.
What is not in these tables cannot happen: asking for it raises `ImpossibleStep`.
"""

_TRANSMISSION_NOTES = """\
- A message begins as `scheduled` or `queued` when it is sent, as `received` or `failed` when it came in.
- `processing` starts again when the process that began the attempt died; the first attempt can then write nothing more.
- `retry` is somebody's wish: what failed, or with force what was transmitted, goes out again with the same bytes.
  The terms of a partner may have the latter done when an asynchronous receipt is overdue.
- `queued` and `retry_wait` are left by `transmit` when the partner's answer was lost and its receipt came by itself.
"""

_RECEIPT_NOTES = """\
- `not_requested` is for messages without a receipt. For an inbound message the receipt is ours to the partner.
- `timeout` and `invalid` may still become `positive` or `negative`: the message is then marked as late.
- `ask_again` belongs to `retry`: a receipt that did not come, or does not verify, is awaited again.
- An invalid receipt after a timeout proves nothing and changes nothing.
"""


_NOTICES = """\
## Notices

A notice, a certified e-mail to one recipient, has two states as well.
Its *passage* says how far our mail got, its *reading* says what the recipient did.

### Passage
"""

_PASSAGE_NOTES = """\
- `hand_over` is a server's 250; `confirm` is a report, or no bounce for as long as one is waited for.
- A bounce may come late, after `delivered`.
"""

_READING_NOTES = """\
- `opened` may be a machine's doing. From `accepted` on it was a person.
- Only a notice that asks for acceptance is accepted, refused or expires.
"""


def draw() -> str:
    """The whole page."""
    return "\n".join(
        [
            _INTRODUCTION,
            "## Transmission\n",
            _diagram(TRANSMISSION, (Transmission.SCHEDULED, Transmission.QUEUED, Transmission.RECEIVED)),
            _table(TRANSMISSION, Transmission, Step),
            _TRANSMISSION_NOTES,
            "## Receipt\n",
            _diagram(RECEIPT, (ReceiptState.PENDING, ReceiptState.NOT_REQUESTED)),
            _table(RECEIPT, ReceiptState, Outcome),
            _RECEIPT_NOTES,
            _NOTICES,
            _diagram(notice.PASSAGE, (notice.Passage.SCHEDULED, notice.Passage.QUEUED)),
            _table(notice.PASSAGE, notice.Passage, notice.Step),
            _PASSAGE_NOTES,
            "### Reading\n",
            _diagram(notice.READING, (notice.Reading.UNSEEN,)),
            _table(notice.READING, notice.Reading, notice.Act),
            _READING_NOTES,
        ]
    )


def _diagram(table: Mapping[tuple[_State, _Event], _State], beginnings: tuple[_State, ...]) -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in beginnings]
    lines += [f"    {before} --> {after}: {event}" for (before, event), after in table.items()]
    return "\n".join([*lines, "```", ""])


def _table(table: Mapping[tuple[_State, _Event], _State], states: type[_State], events: type[_Event]) -> str:
    lines = [
        "| | " + " | ".join(f"*{event}*" for event in events) + " |",
        "|---" * (len(events) + 1) + "|",
    ]
    for state in states:
        after = [str(table.get((state, event), "–")) for event in events]
        lines.append(f"| **{state}** | " + " | ".join(after) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
