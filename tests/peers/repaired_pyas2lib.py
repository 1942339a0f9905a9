"""pyas2lib, importable: its dependency oscrypto refuses OpenSSL 3.0.10 and later.

oscrypto looks for a version with one digit in each place. The search is widened while it is imported, and nothing else
of it is touched.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["as2", "cms"]


@contextmanager
def _versions_may_have_more_digits() -> Iterator[None]:
    search = re.search
    too_narrow, wide_enough = r"\b(\d\.\d\.\d[a-z]*)\b", r"\b(\d+\.\d+\.\d+[a-z]*)\b"

    def tolerant_search(pattern: Any, *arguments: Any, **options: Any) -> Any:
        return search(wide_enough if pattern == too_narrow else pattern, *arguments, **options)

    re.search = tolerant_search
    try:
        yield
    finally:
        re.search = search


with _versions_may_have_more_digits():
    from pyas2lib import as2, cms
