"""Partners, and the terms on which we exchange with them."""

from collections.abc import Mapping

from acuse.as2 import PRESETS, Compression, MDNMode, Profile, UnknownRelation, Weakness
from acuse.cms import Cipher, KeyTransport, SignatureScheme
from acuse.domain.connection import Authentication
from acuse.domain.keyring import Use
from acuse.domain.partner import MOST_OFTEN_ASKED
from acuse.services.judge_partner_health import HealthStatus
from acuse.web.api.partner_fields import LONGEST_PEM, LONGEST_URL
from acuse.web.api.partner_objects import QUIRKS
from acuse.web.openapi.messages import TRUTH
from acuse.web.openapi.operation import (
    PAGES,
    Operation,
    Operations,
    Subject,
    data,
    deleted,
    json_body,
    listed,
    query,
    written,
)
from acuse.web.openapi.schema import (
    Schema,
    choice,
    each,
    empty,
    flag,
    line,
    moment,
    public,
    ref,
    seconds,
    shape,
    span,
    text,
    texts_by_name,
    whole,
    wish,
)

_SIGN = ("SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA1withRSA")
_ENCRYPT = (*(cipher.value.upper() for cipher in Cipher), "3DES")
_SWITCHES = tuple(name.replace("_", "-") for name in QUIRKS)
_HIDDEN = "shown as `***`; written back, that keeps what is there"


def _pem(about: str) -> Schema:
    return text(about, minLength=1, maxLength=LONGEST_PEM)


_HTTP_COMMON: Mapping[str, Schema] = {
    "redirect_hosts": each(text(), "Where the partner's server may send us on to"),
    "chunked": flag("Bodies are sent in chunks"),
    "keep_alive": flag("Connections are kept"),
    "connect_timeout": seconds("Seconds"),
    "concurrency": whole("Messages under way to it at once", minimum=1, maximum=64),
    "authentication": choice(Authentication),
}
_HTTP_WISH = wish(
    "How the partner's server is reached",
    **_HTTP_COMMON,
    authorities=_pem("Certificate authorities of its server, in PEM"),
    basic_user=line(),
    basic_password=line(_HIDDEN),
    client_certificate=_pem("PEM"),
    client_key=_pem(f"PEM; {_HIDDEN}"),
    headers=texts_by_name(f"Header fields to send along; each value is {_HIDDEN}"),
)
_TERMS: Mapping[str, Schema] = {
    "sign": flag("Whether we sign"),
    "encrypt": flag("Whether we encrypt"),
    "compress": flag("Whether we compress"),
    "mdn_mode": choice(MDNMode, "Which receipt we ask for"),
    "mdn_signed": flag("Whether it is to be signed"),
    "receipt_within": span("How long an asynchronous receipt may take"),
    "ask_again": whole("How often to send again when it is overdue", minimum=0, maximum=MOST_OFTEN_ASKED),
    "timeout": span("How long one attempt waits"),
    "retry_first": span("The first wait, which doubles"),
    "retry_longest": span("The longest wait"),
    "retry_for": span("When a message is given up"),
    "demand": each(choice(["signed", "encrypted"]), "What the partner's messages must be"),
    "receipt_hosts": each(text(), "Where the partner may have our receipts sent to, besides its own host"),
    "accept": each(choice(Weakness), "Weaknesses that are let pass"),
    "profile": choice(Profile, "The edition of AS2"),
    "quirks": each(choice(_SWITCHES), "Habits of its software"),
    "signature_scheme": choice(SignatureScheme),
    "key_transport": choice(KeyTransport),
    "accept_unsigned_receipts": flag(),
    "sign_every_receipt": flag(),
    "check_filenames": flag(),
}
_WISHES: Mapping[str, Schema] = {
    "name": line("For people", examples=["Globex"]),
    "as2_id": line("Its AS2 identifier", longest=128, examples=["GLOBEX"]),
    "url": line("Where it receives", longest=LONGEST_URL, examples=["https://as2.globex.example/as2"]),
    "email": line("Where its people are reached", longest=254),
    "active": flag("One that is not active gets nothing, and what it sends is refused"),
    **_TERMS,
    "compression": {
        "description": "An older name of `compress`, and the place among the layers",
        "anyOf": [choice(Compression), flag()],
    },
    "sign_algorithm": choice(_SIGN),
    "encrypt_algorithm": choice(_ENCRYPT),
    "mdn_url": line("Where asynchronous receipts are to be posted", longest=LONGEST_URL),
    "retry_attempts": whole("Attempts after the first one at most", minimum=0, maximum=1000),
    "retry_interval": span("The same wait each time"),
    "unknown_relation": choice(UnknownRelation),
    "preset": choice(PRESETS, "Terms for a named product"),
    "signing_authorities": _pem("Authorities whose certificates its signatures may have, in PEM"),
    "accept_expired_until": moment("Until when expired certificates pass"),
    "encryption_cert_id": line("Which of its active certificates to encrypt to, instead of the newest"),
    "signing_cert_id": line("Which of its active certificates it says it signs with, instead of the newest"),
    "http": _HTTP_WISH,
}
_PARTNER: Mapping[str, Schema] = {
    "id": public("prt"),
    "type": choice(["tenant"]),
    "name": text(examples=["Globex"]),
    "as2_id": text(examples=["GLOBEX"]),
    "url": text(),
    "email": empty(text()),
    "active": flag(),
    **_TERMS,
    "compression": choice(Compression),
    "mdn_url": empty(text()),
    "sign_algorithm": empty(text(examples=["SHA256withRSA"])),
    "encrypt_algorithm": empty(text(examples=["AES128_CBC"])),
    "login_user": empty(text("The user name that the partner shows to us")),
    "signing_authorities": empty(text("PEM")),
    "unknown_relation": empty(text()),
    "retry_attempts": empty(whole()),
    "retry_interval": empty(seconds("Where all waits are the same")),
    "http": shape(
        **_HTTP_COMMON,
        authorities=empty(text("PEM")),
        basic_user=empty(text()),
        basic_password=empty(text("`***` where there is one")),
        client_certificate=empty(text("PEM")),
        client_key=empty(text("`***` where there is one")),
        headers=texts_by_name("Each value is `***`"),
    ),
    "accept_expired_until": empty(moment()),
    "encryption_cert_id": empty(public("cert", "The certificate in use")),
    "signing_cert_id": empty(public("cert", "The certificate in use")),
    "certificates": each(
        shape(
            id=public("cert"),
            name=empty(text()),
            fingerprint=text("SHA-256, in hexadecimal"),
            subject=text(),
            uses=each(choice(Use)),
            not_before=moment(),
            expires_at=moment(),
        )
    ),
    "created_at": moment(),
    "updated_at": moment(),
}
_EXAMPLE = {"name": "Globex", "as2_id": "GLOBEX", "url": "https://as2.globex.example/as2"}
_WRITING = ("ALREADY_EXISTS",)

_OPERATIONS: Operations = {
    ("GET", "/v1/partners"): Operation(
        id="listPartners",
        summary="List the partners",
        about="In the order in which they were added.",
        parameters=(
            *PAGES,
            query("search", line(), "Partners with this in name, AS2 identifier, URL or e-mail address"),
            query("active", TRUTH, "Partners that are active, or not"),
            query("type", choice(["tenant", "inherited", "all"]), "Whose"),
        ),
        answers={200: listed(ref("Partner"))},
    ),
    ("POST", "/v1/partners"): Operation(
        id="createPartner",
        summary="Make a partner",
        about="Without a certificate it is taken, and a message that needs one is refused.",
        body=json_body(
            wish(
                "",
                ["name", "as2_id", "url"],
                [_EXAMPLE],
                **_WISHES,
                certificate=_pem("Its certificates, in PEM, one after the other"),
            )
        ),
        answers={201: written(ref("Partner"), "Made")},
        errors=_WRITING,
    ),
    ("GET", "/v1/partners/{id}"): Operation(
        id="showPartner",
        summary="One partner",
        answers={200: data(ref("Partner"))},
    ),
    ("PATCH", "/v1/partners/{id}"): Operation(
        id="changePartner",
        summary="Change a partner",
        about="Changes what the body names. null empties a field that may be empty. What waits to be sent keeps its "
        "bytes and goes to the new URL.",
        body=json_body(wish("", [], [{"active": False}], **_WISHES)),
        answers={200: written(ref("Partner"), "Changed")},
        errors=_WRITING,
    ),
    ("GET", "/v1/partners/{id}/health"): Operation(
        id="showPartnerHealth",
        summary="How the exchange with a partner goes",
        about="From what is stored; nothing is sent for it.",
        answers={200: data(ref("PartnerHealth"))},
    ),
    ("DELETE", "/v1/partners/{id}"): Operation(
        id="deletePartner",
        summary="Remove a partner",
        about="Its messages stay, and its AS2 identifier is free.",
        parameters=(query("cancel", TRUTH, "Whether messages that wait to be sent are cancelled"),),
        answers={200: deleted()},
        errors=("IN_USE",),
    ),
}

SUBJECT = Subject(
    name="Partners",
    about="The other parties, and the terms on which we exchange with them.",
    operations=_OPERATIONS,
    shapes={
        "Partner": shape("A partner with its terms and certificates", **_PARTNER),
        "PartnerHealth": shape(
            "How the exchange with a partner goes",
            partner_id=public("prt"),
            health_status=choice(HealthStatus),
            health_score=whole(minimum=0, maximum=100),
            successes_24h=whole("Messages of the last 24 hours that came to a good end, in both directions"),
            failures_24h=whole("Those that failed or were refused"),
            open_messages=whole("Still to be sent, or waiting for their receipt"),
            last_success_at=empty(moment()),
            certificate_expires_at=empty(moment("When the first of its certificates in use ends")),
            issues=each(text("What is wrong, a sentence each")),
        ),
    },
    path_ids={"/v1/partners/{id}": (public("prt"), "PARTNER_NOT_FOUND")},
)
