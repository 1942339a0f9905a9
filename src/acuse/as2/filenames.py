"""File names that a back end could not take (rfc4130bis draft, section 8.5.4).

Rule: nothing of ours is ever called as a partner calls it, so every name is taken unless the agreement wants names
checked, for the sake of whoever fetches the files.
"""

import re
from collections.abc import Sequence

from acuse.as2 import disposition as words
from acuse.as2.disposition import Disposition

_LONGEST = 255
_ILLEGAL = re.compile(r"""[\\/:*?"<>|\x00-\x1f\x7f]|\A\s|[\s.]\Z""")


def objection_to(names: Sequence[str | None]) -> tuple[Disposition, str] | None:
    """What is wrong with the file names of one message, and a sentence about it; None when nothing is.

    A file without a name is nobody's concern. Names that differ in upper and lower case alone are the same to many
    file systems.
    """
    given = [name for name in names if name is not None]
    for name in given:
        if not name or _ILLEGAL.search(name) or len(name.encode("utf-8", "replace")) > _LONGEST:
            return words.ILLEGAL_FILENAME, f"A file name cannot be used here: {name[:_LONGEST]!r}."
    for name in given:
        if sum(name.lower() == other.lower() for other in given) > 1:
            return words.DUPLICATE_FILENAME, f"The message holds two files of the same name: {name!r}."
    return None
