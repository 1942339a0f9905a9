"""How a domain value lies in a column: the same on every database.

Rule: a time is an integer of microseconds since 1970 in UTC, an id is 16 bytes, and a structure is JSON text that
`msgspec` reads back into the very type that was written. Everything else is stored as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, get_type_hints
from uuid import UUID

import msgspec

from acuse.as2 import Exchange
from acuse.cms import AnyCipher, AnyDigest, Cipher, DecrepitCipher, DecrepitDigest, Digest
from acuse.domain.access import Scope
from acuse.domain.connection import Credentials
from acuse.domain.event import CertificateNotice, MessageState, NoticeState, PartnerState
from acuse.domain.keyring import CertificatesUsed, Use
from acuse.domain.message import Problem
from acuse.domain.partner import Terms
from acuse.domain.retry import RetryPolicy
from acuse.domain.timeline import TimelineStep
from acuse.domain.webhook import WebhookTest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_encoder = msgspec.json.Encoder()
_read_certificate_notice = msgspec.json.Decoder(CertificateNotice)
_read_certificates_used = msgspec.json.Decoder(CertificatesUsed)
_read_credentials = msgspec.json.Decoder(Credentials)
_read_headers = msgspec.json.Decoder(tuple[tuple[str, str], ...])
_read_message_state = msgspec.json.Decoder(MessageState)
_read_notice_state = msgspec.json.Decoder(NoticeState)
_read_names = msgspec.json.Decoder(tuple[str, ...])
_read_numbers = msgspec.json.Decoder(tuple[int, ...])
_read_object = msgspec.json.Decoder(dict[str, Any])
_read_problem = msgspec.json.Decoder(Problem)
_read_retry_policy = msgspec.json.Decoder(RetryPolicy)
_read_webhook_test = msgspec.json.Decoder(WebhookTest)
_read_scopes = msgspec.json.Decoder(frozenset[Scope])
_read_uses = msgspec.json.Decoder(frozenset[Use])


T = TypeVar("T")


class _Reader(Generic[T]):
    """Reads a dataclass some of whose fields hold algorithms.

    `msgspec` reads no union of two enumerations, strong and decrepit; so such a field is read as `texts` says and then
    made what it is. A field that the text lacks, because it was written by an older program, has its default.
    """

    def __init__(
        self, kind: type[T], *, texts: Mapping[str, Any], meant: Mapping[str, Callable[[Any], object]]
    ) -> None:
        self._kind = kind
        self._meant = meant
        hints = {**get_type_hints(kind), **texts}
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        shape = msgspec.defstruct(
            kind.__name__, [(name, hints[name] | msgspec.UnsetType, msgspec.UNSET) for name in names]
        )
        self._decoder = msgspec.json.Decoder(shape)

    def decode(self, text: str) -> T:
        read = msgspec.structs.asdict(self._decoder.decode(text))
        given = {name: value for name, value in read.items() if value is not msgspec.UNSET}
        return self._kind(**{name: self._meant.get(name, _same)(value) for name, value in given.items()})


def _same(value: object) -> object:
    return value


def _digest(name: str | None) -> AnyDigest | None:
    return None if name is None else DecrepitDigest(name) if name in _DECREPIT_DIGESTS else Digest(name)


def _cipher(name: str | None) -> AnyCipher | None:
    return None if name is None else DecrepitCipher(name) if name in _DECREPIT_CIPHERS else Cipher(name)


def _by_digest(values: Mapping[str, str]) -> Mapping[AnyDigest | None, str]:
    return {_digest(name): value for name, value in values.items()}


_DECREPIT_DIGESTS = frozenset(digest.value for digest in DecrepitDigest)
_DECREPIT_CIPHERS = frozenset(cipher.value for cipher in DecrepitCipher)
_read_exchange = _Reader(
    Exchange, texts={"digest": str, "mics": dict[str, str]}, meant={"digest": _digest, "mics": _by_digest}
)
_read_steps = msgspec.json.Decoder(tuple[TimelineStep, ...])
_read_terms = _Reader(
    Terms, texts={"sign": str | None, "encrypt": str | None}, meant={"sign": _digest, "encrypt": _cipher}
)
_read_partner_state = _Reader(
    PartnerState, texts={"terms": msgspec.Raw}, meant={"terms": lambda raw: _read_terms.decode(bytes(raw).decode())}
)


def micros(when: datetime) -> int:
    """A time with its zone, in microseconds since 1970 in UTC."""
    return (when - _EPOCH) // _MICROSECOND


def optional_micros(when: datetime | None) -> int | None:
    return None if when is None else micros(when)


def moment(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def optional_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def optional_id(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


def json_text(value: object) -> str:
    """JSON for a column. Sets are written in order, so that equal values are equal texts."""
    return _encoder.encode(sorted(value) if isinstance(value, frozenset) else value).decode()


def optional_json(value: object | None) -> str | None:
    return None if value is None else json_text(value)


def certificate_notice(text: str) -> CertificateNotice:
    return _read_certificate_notice.decode(text)


def certificates_used(text: str) -> CertificatesUsed:
    return _read_certificates_used.decode(text)


def credentials(text: str) -> Credentials:
    return _read_credentials.decode(text)


def exchange(text: str | None) -> Exchange | None:
    return None if text is None else _read_exchange.decode(text)


def headers(text: str) -> tuple[tuple[str, str], ...]:
    return _read_headers.decode(text) if text != "[]" else ()


def mapping(text: str) -> Mapping[str, object]:
    return _read_object.decode(text)


def message_state(text: str) -> MessageState:
    return _read_message_state.decode(text)


def notice_state(text: str) -> NoticeState:
    return _read_notice_state.decode(text)


def names(text: str) -> tuple[str, ...]:
    return _read_names.decode(text)


def numbers(text: str) -> tuple[int, ...]:
    return _read_numbers.decode(text)


def problem(text: str | None) -> Problem | None:
    return None if text is None else _read_problem.decode(text)


def webhook_test(text: str) -> WebhookTest:
    return _read_webhook_test.decode(text)


def retry_policy(text: str) -> RetryPolicy:
    return _read_retry_policy.decode(text)


def scopes(text: str) -> frozenset[Scope]:
    return _read_scopes.decode(text)


def steps(text: str) -> tuple[TimelineStep, ...]:
    return _read_steps.decode(text)


def partner_state(text: str) -> PartnerState:
    return _read_partner_state.decode(text)


def terms(text: str) -> Terms:
    return _read_terms.decode(text)


def uses(text: str) -> frozenset[Use]:
    return _read_uses.decode(text)
