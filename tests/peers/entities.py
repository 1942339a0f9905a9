"""MIME by hand: just enough to build and to take apart what goes over the wire, without any code of acuse.

It relies on what the tests control: one spelling of line ends in headers, and boundaries that no payload contains.
"""

import email.message
import re
from dataclasses import dataclass

BOUNDARY = "----hand-made-7f3a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Headers with their values as they stand, names in lower case, and the body as it was transmitted."""

    headers: dict[str, str]
    body: bytes


def build_entity(headers: dict[str, str], body: bytes) -> bytes:
    """Header lines, a blank line, the body."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n" + body


def read_entity(data: bytes) -> Entity:
    """The reverse; folded headers are unfolded."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    pairs = (line.decode("latin-1").partition(":") for line in lines if line)
    return Entity(headers={name.strip().lower(): value.strip() for name, _, value in pairs}, body=body)


def parameter(header_value: str, name: str) -> str | None:
    """A parameter of a Content-Type or Content-Disposition."""
    message = email.message.Message()
    message["Content-Type"] = header_value
    value = message.get_param(name)
    return value if isinstance(value, str) else None


def split_multipart(content_type: str, body: bytes) -> list[bytes]:
    """The parts of a multipart body, each with its headers, without the line end that belongs to the boundary."""
    boundary = parameter(content_type, "boundary")
    assert boundary is not None, content_type
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    assert pieces[-1].startswith(b"--"), "the closing boundary is missing"
    return [piece.partition(b"\r\n")[2] for piece in pieces[1:-1]]


def build_signed(entity: bytes, signature: bytes, *, micalg: str = "sha-256") -> bytes:
    """multipart/signed around an entity, with the DER signature in raw binary (RFC 1847, RFC 8551 section 3.5.3)."""
    content_type = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={micalg}; boundary="{BOUNDARY}"'
    signature_part = build_entity(
        {"Content-Type": "application/pkcs7-signature; name=smime.p7s", "Content-Transfer-Encoding": "binary"},
        signature,
    )
    delimiter = f"--{BOUNDARY}".encode()
    body = b"\r\n".join([delimiter, entity, delimiter, signature_part, delimiter + b"--", b""])
    return build_entity({"Content-Type": content_type}, body)


def build_pkcs7(kind: str, content: bytes) -> bytes:
    """application/pkcs7-mime around a CMS object; `kind` is enveloped-data or compressed-data."""
    suffix = "p7z" if kind == "compressed-data" else "p7m"
    return build_entity(
        {
            "Content-Type": f"application/pkcs7-mime; smime-type={kind}; name=smime.{suffix}",
            "Content-Transfer-Encoding": "binary",
        },
        content,
    )
