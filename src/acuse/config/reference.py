"""The reference page of the settings, made from the settings themselves."""

from dataclasses import fields
from enum import Enum

from acuse.config.plans import NO_LIMIT, plans_table
from acuse.config.settings import FILE_NAME, PREFIX, Settings, Source, sources

_HEAD = f"""# Settings

For operators. This page is made by `python -m acuse.config`; change the settings' own text, not this file.

A value is taken from the first place that has one: the command line (`--trusted-proxy`), the environment
(`{PREFIX}TRUSTED_PROXY`), the file `{FILE_NAME}` in the home folder (`trusted_proxy = ["10.0.0.0/8"]`), the default.
A name that is not in this table is an error, in the environment as in the file.
Other `{PREFIX}…` variables stand for the options of single commands; `acuse COMMAND --help` names them.

| Setting | Environment | Default | Meaning |
|---|---|---|---|
"""


_PLANS = f"""
## Plans

How much of the API an account may use: bytes of the largest payload, calls under way at once, calls in a minute, and
calls that may come at once after a pause (as many as the rate where that is not said).
`acuse account set --plan` gives the account a plan. Without one it has `enterprise`.
All keys of an account share its limits.

In the file each plan is a table; what is not named stays as below, and `{NO_LIMIT}` takes a limit away:

```toml
[plans.enterprise]
payload = "1 GiB"
concurrency = 50
rate = 6000
burst = 600
```

In the environment it is one line: `{PREFIX}PLANS="enterprise.rate=6000, enterprise.burst=600"`.
Exchange with partners (`/as2`) has none of these limits.

"""


def settings_page() -> str:
    """The whole page, in Markdown."""
    defaults = {entry.name: entry.default for entry in fields(Settings)}
    rows = "".join(_row(name, source, defaults[name]) for name, source in sources().items())
    return _HEAD + rows + _PLANS + plans_table()


def _row(name: str, source: Source, default: object) -> str:
    meaning = source.meaning
    if not source.on_command_line:
        meaning += " Only from the environment."
    elif not source.in_file:
        meaning += " Not from the file."
    return f"| `{name}` | `{PREFIX}{name.upper()}` | {source.default_is or _default(default)} | {meaning} |\n"


def _default(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"
