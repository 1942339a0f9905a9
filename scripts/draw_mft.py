"""Draw docs/reference/mft.md from the transcripts in tests/web/dialects/mft: `python scripts/draw_mft.py`.

Rule: a row says that something works because a test has said so; what is absent stands in the one list below, with its
reason.
"""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
PAGE = _ROOT / "docs" / "reference" / "mft.md"
TESTS = _ROOT / "tests" / "web" / "dialects" / "mft"
_INTRODUCTION = """\
# Programs of MFT Gateway

For whoever has a program that was written for the REST API of MFT Gateway.
Change its base URL to that of the gateway, and its credentials to what `acuse key create --dialect mft` prints: the
rest stays.
Fields whose names changed with version 3.1.1 are read and given under both.
This page is drawn by `scripts/draw_mft.py` from the tests that send the requests; a test keeps it current.

- *supported*: as documented.
- *different*: it works, and the note says what is not as documented.
- *absent*: there is no such thing here, and the note says why.

| Documented | Here | Tests |
|---|---|---|
"""
DIFFERENT: Mapping[str, str] = {
    "401 instead of 500 for a bad refresh token": "A token that is over or was used before is no fault of the gateway.",
    "POST /refresh-session": "A refresh token is good once; who shows it again ends the session.",
    "Subject and Attachment-Name have defaults": "The partner's default subject goes first, where it has one.",
    "DELETE /message/inbox/{id} and /message/outbox/{id}": "The message is hidden here; its evidence is kept.",
    "POST /message/inbox/delete and /message/outbox/delete": "The messages are hidden here; their evidence is kept.",
    "POST /message/outbox/{id}/retry": "The path is ours: none is documented.",
    "batch mark read and unread": "The paths `/message/inbox/markRead` and `/markUnread` are ours.",
    "no answer in time: incomplete": "It is tried again first: the partner knows the Message-ID and takes it once.",
    "every documented field of a partner": "`description` and `autoRetryIncompleteMessages` are read and not kept: "
    "what was not answered is always tried again. A second certificate is accepted for signatures beside the first.",
    "fixed and growing intervals of retries": "`retryIntervalType` and `retryInterval` (seconds) are our names.",
    "algorithms by name, strong defaults": "SHA256 and AES128_CBC where none is named; weak ones when they are.",
    "POST /station with a new key": "Keys have 2048 bits at least; of several e-mail addresses the first is kept.",
    "POST /certificate": "The path is documented, its fields are not: `partnerIdentifier`, `certificate`.",
    "PUT and DELETE of stations": "The AS2 identifier stays as it is.",
    "webhooks": "They are set by `/v1/webhook-endpoints` with `format` `mft`, delivered until they are taken.",
}
ABSENT: Mapping[str, str] = {
    "`?service=sftp`": "The gateway speaks AS2; the parameter is not heeded.",
    "RSA keys of 1024 bits, MD2, MD5, SHA224, CAMELLIA, CAST5, RC2, SEED": "They can be broken, or nobody needs them.",
    "`validateTrustAnchor`, `useStaticIP`, `deleteAttachmentsOnSuccessMdn`": "Refused when set to true.",
    "`httpsCertificate`, `httpsBackupCertificate` and chains": "Set with `/v1/partners`, `http.authorities`.",
    "`bucketName`, `tenantName` and `tenantEmail` in webhooks": "There is no bucket, and tenants have no address.",
}


def rows() -> Mapping[str, Sequence[str]]:
    """`file::test` by row, in the order of the files."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "transcript":
                    for argument in call.args:
                        assert isinstance(node, ast.FunctionDef)
                        found.setdefault(ast.literal_eval(argument), []).append(f"{path.name}::{node.name}")
    return found


def draw() -> str:
    """The whole page."""
    lines = [_line(text, DIFFERENT.get(text, ""), tests) for text, tests in rows().items()]
    lines += [f"| {text} | absent. {note} | – |" for text, note in ABSENT.items()]
    return _INTRODUCTION + "\n".join([*lines, "", "Next: [the API](api.md), [events](events.md).", ""])


def _line(text: str, note: str, tests: Sequence[str]) -> str:
    links = "<br>".join(_link(test) for test in tests)
    return f"| {text} | {f'different. {note}' if note else 'supported'} | {links} |"


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../tests/web/dialects/mft/{file})"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
