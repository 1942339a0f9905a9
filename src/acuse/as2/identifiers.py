"""AS2 identifiers and Message-IDs, as written and as meant (RFC 4130 sections 5.3.3 and 6.2)."""

_WRAPPINGS = ("<>", '""', "''")
_NOT_ATOMIC = frozenset(' "\\')


def quote_identifier(value: str) -> str:
    """The form for a header: bare where the RFC allows it, otherwise a quoted string."""
    if value and not _NOT_ATOMIC.intersection(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote_identifier(value: str) -> str:
    """What a header's identifier means. An unquoted one may contain blanks: some products never quote."""
    text = value.strip()
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    meant, escaped = [], False
    for character in text[1:-1]:
        if character == "\\" and not escaped:
            escaped = True
            continue
        meant.append(character)
        escaped = False
    return "".join(meant)


def bare_message_id(value: str) -> str:
    """A Message-ID without its brackets and outer blanks: what two spellings of one id have in common."""
    text = value.strip()
    return text[1:-1].strip() if text.startswith("<") and text.endswith(">") else text


def echoed_message_id(value: str) -> str:
    """The bare id that a receipt means by an Original-Message-ID, which some products wrap once more."""
    text = value.strip()
    while len(text) > 1 and text[0] + text[-1] in _WRAPPINGS:
        text = text[1:-1].strip()
    return text
