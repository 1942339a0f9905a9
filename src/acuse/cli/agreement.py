"""The options of `acuse partner add` that follow the partner's software: preset, edition of AS2, and quirks.

Rule: what stands on the command line wins over what the preset says, whatever the order.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from acuse.cli.terms import AcceptType
from acuse.errors import InvalidInput

if TYPE_CHECKING:
    from acuse.as2 import Preset, Profile, Quirks, UnknownRelation, Weakness
    from acuse.cms import KeyTransport, SignatureScheme
    from acuse.domain.login import Login
    from acuse.domain.partner import Terms

_OPTIONS_OF = {"compression": "compress"}
"""The option behind a field of the terms, where it has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was chosen, and for which terms something was given besides."""

    preset: "Preset | None"
    profile: "Profile"
    signature_scheme: "SignatureScheme"
    key_transport: "KeyTransport"
    accept: "frozenset[Weakness]"
    login: "Login | None"
    signing_authorities: str | None
    accept_unsigned_receipts: bool
    sign_every_receipt: bool
    check_filenames: bool
    quirks: frozenset[str]
    unknown_relation: "UnknownRelation | None"
    given: frozenset[str]

    def applied_to(self, terms: "Terms") -> "Terms":
        """The terms with what the preset says, and the other choices on top of it.

        The rfc4130bis draft recommends authenticated encryption (section 7.2), so its profile has another default.
        """
        from acuse.cms import Cipher

        changes = dict(self.preset.changes) if self.preset else {}
        kept = {name: value for name, value in changes.items() if _OPTIONS_OF.get(name, name) not in self.given}
        if self.profile.is_modern and terms.encrypt and "encrypt" not in self.given:
            kept["encrypt"] = Cipher.AES128_GCM
        terms = replace(
            terms,
            signature_scheme=self.signature_scheme,
            key_transport=self.key_transport,
            accept=self.accept,
            login=self.login,
            signing_authorities=self.signing_authorities,
            accept_unsigned_receipts=self.accept_unsigned_receipts,
            sign_every_receipt=self.sign_every_receipt,
            check_filenames=self.check_filenames,
            profile=self.profile,
            **kept,  # type: ignore[arg-type]
        )
        quirks = replace(terms.quirks, **dict.fromkeys(self.quirks, True))  # type: ignore[arg-type]
        if self.unknown_relation:
            quirks = replace(quirks, unknown_relation=self.unknown_relation)
        return replace(terms, quirks=quirks)


class Word(click.ParamType[str]):
    """One of several words, which are looked up only when they are needed: their modules load slowly."""

    name = "word"

    def __init__(self, words: Callable[[], Iterable[str]]) -> None:
        self._words = words

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Fails for every other word."""
        words, chosen = list(self._words()), str(value).lower().replace("_", "-")
        if chosen not in words:
            self.fail(f"{value} is unknown; choose from {', '.join(words)}", parameter, context)
        return chosen


def _presets() -> Iterable[str]:
    from acuse.as2 import PRESETS

    return PRESETS


def _profiles() -> Iterable[str]:
    from acuse.as2 import Profile

    return [profile.value for profile in Profile]


def _switches() -> Iterable[str]:
    from acuse.as2 import Quirks

    return [field.name.replace("_", "-") for field in fields(Quirks) if field.default is False]


def _schemes() -> Iterable[str]:
    from acuse.cms import SignatureScheme

    return [scheme.value for scheme in SignatureScheme]


def _transports() -> Iterable[str]:
    from acuse.cms import KeyTransport

    return [transport.value for transport in KeyTransport]


def _unknown_relations() -> Iterable[str]:
    from acuse.as2 import UnknownRelation

    return [word.value for word in UnknownRelation]


_OPTIONS = (
    click.option(
        "--preset",
        type=Word(_presets),
        metavar="NAME",
        help="What is known of the partner's product; see 'acuse partner presets'.",
    ),
    click.option(
        "--profile",
        type=Word(_profiles),
        default="as2-1.1",
        show_default=True,
        metavar="EDITION",
        help="The edition of AS2: as2-1.1, as2-1.2 or as2-1.3.",
    ),
    click.option(
        "--signature-scheme",
        type=Word(_schemes),
        default="pkcs1v15",
        show_default=True,
        metavar="SCHEME",
        help="How our RSA key signs: pkcs1v15 or pss.",
    ),
    click.option(
        "--key-transport",
        type=Word(_transports),
        default="pkcs1v15",
        show_default=True,
        metavar="SCHEME",
        help="How the content key is encrypted to the partner's RSA key: pkcs1v15 or oaep.",
    ),
    click.option(
        "--accept",
        type=AcceptType(),
        default=frozenset(),
        metavar="LIST",
        help="Weak algorithms that the partner may use: sha1, 3des, short-keys, with commas.  [none]",
    ),
    click.option("--login-user", metavar="NAME", help="User name that the partner has to show when it posts to us."),
    click.option(
        "--login-password-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The password for it, of which only a hash is kept.",
    ),
    click.option(
        "--signing-ca",
        "signing_authorities",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        multiple=True,
        help="Believe signatures by certificates that this authority issued, a PEM file; may be repeated.",
    ),
    click.option(
        "--accept-unsigned-receipts",
        is_flag=True,
        help="Let an unsigned receipt count although a signed one is asked for.",
    ),
    click.option("--sign-every-receipt", is_flag=True, help="Sign our receipts also where that is not asked for."),
    click.option("--check-filenames", is_flag=True, help="Refuse file names that are illegal or came before."),
    click.option(
        "--quirk",
        "quirks",
        type=Word(_switches),
        multiple=True,
        metavar="NAME",
        help="A habit of the partner's software, such as base64-parts; may be repeated. Any other word lists them.",
    ),
    click.option(
        "--unknown-relation",
        type=Word(_unknown_relations),
        metavar="MODIFIER",
        help="What the partner reads while it is deactivated.  [by its AS2-Version]",
    ),
)


def agreement_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it gets them as one argument, `agreement`."""

    @wraps(command)
    def gathered(*arguments: Any, **values: Any) -> None:
        command(*arguments, agreement=_choices(values), **values)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def _choices(values: dict[str, Any]) -> Choices:
    from acuse.as2 import PRESETS, Profile, UnknownRelation
    from acuse.cms import KeyTransport, SignatureScheme

    context = click.get_current_context()
    preset, word = values.pop("preset"), values.pop("unknown_relation")
    return Choices(
        preset=PRESETS[preset] if preset else None,
        profile=Profile(values.pop("profile")),
        signature_scheme=SignatureScheme(values.pop("signature_scheme")),
        key_transport=KeyTransport(values.pop("key_transport")),
        accept=values.pop("accept"),
        login=_login_of(values.pop("login_user"), values.pop("login_password_file")),
        signing_authorities="".join(_text_of("signing_ca", path) for path in values.pop("signing_authorities")) or None,
        accept_unsigned_receipts=values.pop("accept_unsigned_receipts"),
        sign_every_receipt=values.pop("sign_every_receipt"),
        check_filenames=values.pop("check_filenames"),
        quirks=frozenset(name.replace("-", "_") for name in values.pop("quirks")),
        unknown_relation=UnknownRelation(word) if word else None,
        given=frozenset(
            name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT
        ),
    )


def _login_of(user: str | None, password_file: Path | None) -> "Login | None":
    from acuse.domain.login import SALT_SIZE, make_login

    if (user is None) != (password_file is None):
        raise InvalidInput(fields={"login_user": "a user name and a password come together"})
    if user is None or password_file is None:
        return None
    password = _text_of("login_password", password_file).rstrip("\r\n")
    return make_login(user, password, salt=secrets.token_bytes(SALT_SIZE))


def _text_of(field_name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(fields={field_name: f"{path} is no text file"}) from error


def quirk_words(quirks: "Quirks") -> str:
    """The switches that are on, for people."""
    names = [name for name in _switches() if getattr(quirks, name.replace("-", "_"))]
    return ", ".join([*names, *([quirks.unknown_relation.value] if quirks.unknown_relation else [])]) or "none"


def preset_words(preset: "Preset") -> str:
    """What a preset sets, for people."""
    from acuse.as2 import Quirks

    words = [
        f"quirks {quirk_words(value)}" if isinstance(value, Quirks) else f"{name} {value}"
        for name, value in preset.changes.items()
    ]
    return "; ".join(words) or "nothing: the defaults are right"


def preset_object(preset: "Preset") -> dict[str, object]:
    """A preset as JSON."""
    from acuse.as2 import Quirks

    changes = {
        name: dict.fromkeys(quirk_words(value).split(", "), True) if isinstance(value, Quirks) else str(value)
        for name, value in preset.changes.items()
    }
    return {"title": preset.title, "reason": preset.reason, "source": preset.source, "changes": changes}
