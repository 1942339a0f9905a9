"""What schemathesis is not to try, because the API has another rule for it than a schema can tell."""

from typing import Any

import schemathesis


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: "schemathesis.Case[Any]") -> bool:
    """A parameter without a value counts as left out."""
    return all(value not in ("", [], None) for value in (case.query or {}).values())
