"""Payloads that careless software changes, and how they are put into a request to the API."""

import base64

AWKWARD = (
    b"ISA*00*          *00*          *ZZ*ACME~\r\nlone LF\nlone CR\rNUL \x00 and all octets "
    + bytes(range(256))
    + b"\r\n--\r\n------boundary--\r\n.\r\nContent-Type: text/plain\r\n\r\nFrom here on trailing blanks \t \r\n\r\n"
)

PAYLOADS = {
    "awkward": AWKWARD,
    "lf": b"UNA:+.? '\nUNB+UNOC:3+A+B'\nUNZ+1'\n",
    "crlf": b"UNA:+.? '\r\nUNB+UNOC:3+A+B'\r\nUNZ+1'\r\n",
    "no-line-end": b"UNB+UNOC:3+A+B'UNZ+1'",
    "lone-cr-at-the-end": b"UNZ+1'\r",
    "blank-lines-first": b"\r\n\r\n\n\nUNZ+1'",
    "nul": b"\x00",
    "large": bytes(range(256)) * 1500,
}


def send_body(partner_id: str, payload: bytes, **fields: object) -> dict[str, object]:
    """What is posted to /v1/messages to send `payload` as it is."""
    content = {"content": base64.b64encode(payload).decode(), "encoding": "base64", "filename": "order 7.edi"}
    return {"partner_id": partner_id, "payload": content, "content_type": "application/octet-stream", **fields}
