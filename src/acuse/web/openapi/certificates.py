"""Certificates: ours with their private keys, and the partners'."""

from acuse.cms.requests import KEY_SIZES
from acuse.domain.keyring import CertificateState
from acuse.services.manage_certificates import LONGEST_VALIDITY
from acuse.web.api.certificate_fields import LARGEST_FILE, LONGEST_PASSWORD, Usage
from acuse.web.openapi.messages import TRUTH
from acuse.web.openapi.operation import (
    JSON,
    PAGES,
    Answer,
    Body,
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
    choice,
    each,
    empty,
    flag,
    line,
    moment,
    public,
    ref,
    shape,
    text,
    whole,
    wish,
)

_WHOSE = ("identity", "partner")
_SERVING = {
    "name": line("For people"),
    "usage": choice(Usage, "What it is for; as far as its key can, where it is left out"),
    "active_from": moment("From when what goes out uses it"),
    "active_until": moment("When it is retired"),
}
_UPLOAD = {
    **_SERVING,
    "type": choice([*_WHOSE, "signing", "encryption"], "Whose it is, or, as older clients have it, what it is for"),
    "owner": choice(_WHOSE, "Whose it is, as older clients say it"),
    "partner_id": line("Whose it is: a partner's"),
    "station_id": line("Whose it is: a station's. The default one where it is left out"),
    "private_key": text("Ours, in PEM", minLength=1, maxLength=LARGEST_FILE),
    "password": text("Of the private key or the PKCS#12", minLength=1, maxLength=LONGEST_PASSWORD),
}
_CERTIFICATE = text("PEM, or a file in base64", minLength=1, maxLength=LARGEST_FILE)
_FILE = {"type": "string", "format": "binary", "description": "PEM, DER, PKCS#7 or PKCS#12"}
_KEY = wish(
    "",
    ["common_name", "organization", "country"],
    [{"commonName": "as2.acme.example", "organization": "Acme", "country": "ES"}],
    common_name=line(longest=64),
    organization=line(longest=64),
    organizational_unit=line(longest=64),
    locality=line(longest=128),
    state=line(longest=128),
    country=text("Two letters", pattern="^[A-Za-z]{2}$"),
    email=line("Stands in the certificate", longest=254),
    key_size={"type": "integer", "enum": list(KEY_SIZES), "description": "Bits of the RSA key"},
    validity_days=whole("Days; of an identity", minimum=1, maximum=LONGEST_VALIDITY.days, default=365),
    station_id=line("For which station"),
    name=line("For people"),
    usage=choice(Usage),
    active_from=moment("From when what goes out uses it"),
)
_SPELLING = "Fields may be written in camelCase too."


_BODY = Body(
    kinds={
        JSON: wish("", ["certificate"], **_UPLOAD, certificate=_CERTIFICATE),
        "multipart/form-data": {
            "type": "object",
            "properties": {**_UPLOAD, "certificate": _FILE},
            "required": ["certificate"],
        },
    }
)
_TAKING = ("ALREADY_EXISTS", "INVALID_CONTENT_TYPE", "PAYLOAD_TOO_LARGE", "PARTNER_NOT_FOUND")
_OPERATIONS: Operations = {
    ("GET", "/v1/certificates"): Operation(
        id="listCertificates",
        summary="List the certificates",
        about="By their ids.",
        parameters=(
            *PAGES,
            query("type", choice(_WHOSE), "Whose"),
            query("scope", choice(_WHOSE), "The same"),
            query("active", TRUTH, "Those that serve now, or not"),
            query("partner_id", line(), "Those of this partner"),
            query("expires_soon", TRUTH, "Those that end within 30 days, or not"),
            query("expiring_within", whole(minimum=0, maximum=36500), "Those that end within so many days"),
        ),
        answers={200: listed(ref("Certificate"))},
    ),
    ("POST", "/v1/certificates"): Operation(
        id="uploadCertificate",
        summary="Bring in a certificate",
        about="A partner's where `partner_id` is given; else ours, with its private key. The private key may be left "
        f"out for a certificate that was requested here, or that renews one with the same key. {_SPELLING}",
        body=_BODY,
        answers={201: written(ref("Certificate"), "Taken")},
        errors=_TAKING,
    ),
    ("GET", "/v1/partners/{id}/certificates"): Operation(
        id="listPartnerCertificates",
        summary="The certificates of a partner",
        answers={200: data(each(ref("Certificate")))},
    ),
    ("POST", "/v1/partners/{id}/certificates"): Operation(
        id="uploadPartnerCertificate",
        summary="Bring in a certificate of a partner",
        about=_SPELLING,
        body=_BODY,
        answers={201: written(ref("Certificate"), "Taken")},
        errors=_TAKING,
    ),
    ("POST", "/v1/certificates/generate-identity"): Operation(
        id="generateIdentity",
        summary="Make a key pair of ours",
        about=f"With a certificate that it signs itself. {_SPELLING}",
        body=json_body(_KEY),
        answers={201: written(ref("Certificate"), "Made")},
    ),
    ("POST", "/v1/certificates/generate-csr"): Operation(
        id="generateCSR",
        summary="Ask an authority for a certificate of ours",
        about="The private key stays here, sealed: bring in what the authority made of the request without it. "
        f"{_SPELLING}",
        body=json_body(_KEY),
        answers={
            201: Answer(
                about="Made",
                kinds={
                    JSON: shape(
                        message=text("What was done, in a sentence"),
                        csr=text("The request (PKCS#10) in PEM"),
                        privateKey=empty(text("In PEM; null for a key without the scope `admin`")),
                        keySize=whole(),
                        station_id=public("stn"),
                    )
                },
            )
        },
    ),
    ("GET", "/v1/certificates/{id}"): Operation(
        id="showCertificate",
        summary="One certificate",
        answers={200: data(ref("Certificate"))},
    ),
    ("PATCH", "/v1/certificates/{id}"): Operation(
        id="changeCertificate",
        summary="Change a certificate",
        about="`active: false` retires it. null in `active_until` leaves it until it expires.",
        body=json_body(wish("", [], [{"active": False}], **_SERVING, active=flag("Whether it serves"))),
        answers={200: written(ref("Certificate"), "Changed")},
    ),
    ("DELETE", "/v1/certificates/{id}"): Operation(
        id="deleteCertificate",
        summary="Retire a certificate and take it out of the lists",
        about="The last identity of a station for a use stays.",
        answers={200: deleted()},
        errors=("IN_USE",),
    ),
    ("POST", "/v1/certificates/{id}/validate"): Operation(
        id="validateCertificate",
        summary="Whether it may be used, and why not",
        answers={200: Answer(about="Judged", kinds={JSON: ref("CertificateReport")})},
    ),
    ("POST", "/v1/certificates/{id}/activate"): Operation(
        id="activateCertificate",
        summary="Use it from now on",
        answers={200: written(ref("Certificate"), "Activated")},
    ),
    ("GET", "/v1/certificates/{id}/download"): Operation(
        id="downloadCertificate",
        summary="The certificate as a file",
        about="The PKCS#12 of an identity has its private key, and needs the scope `admin`.",
        parameters=(
            query("format", choice(["pem", "pkcs12"]), "`pem` where it is left out"),
            query("include_chain", TRUTH, "Whether what issued it comes too"),
            query("password", line(), "Of the PKCS#12, which needs one"),
        ),
        answers={
            200: Answer(
                about="The file",
                kinds={
                    "application/x-pem-file": text("PEM"),
                    "application/x-pkcs12": {"type": "string", "format": "binary"},
                },
                headers=("Content-Disposition",),
            )
        },
    ),
}

SUBJECT = Subject(
    name="Certificates",
    about="Ours with their private keys, and the partners'.",
    operations=_OPERATIONS,
    shapes={
        "Certificate": shape(
            "A certificate, without its private key",
            id=public("cert"),
            name=text(),
            type=choice(_WHOSE),
            usage=choice([*Usage, "client"]),
            subject=text("RFC 4514"),
            issuer=text("RFC 4514"),
            serial_number=text("In hexadecimal"),
            fingerprint=text("SHA-256, in hexadecimal"),
            active=flag("It serves now"),
            state=choice(CertificateState),
            active_from=moment(),
            active_until=empty(moment()),
            not_before=moment(),
            expires_at=moment(),
            first_used_at=empty(moment("When the partner first used it towards us")),
            partner_id=empty(public("prt")),
            station_id=empty(public("stn")),
            created_at=moment(),
            updated_at=moment(),
        ),
        "CertificateReport": shape(
            "Whether a certificate may be used now",
            valid=flag(),
            issues=each(
                shape(
                    severity=choice(["error", "warning"]),
                    code=text(examples=["EXPIRES_SOON"]),
                    message=text(),
                )
            ),
            details=ref("Certificate"),
            expiryCheck=shape(expires_at=moment(), days=whole(), expired=flag(), expires_soon=flag()),
        ),
    },
    path_ids={
        "/v1/certificates/{id}": (public("cert"), "CERTIFICATE_NOT_FOUND"),
        "/v1/partners/{id}": (public("prt"), "PARTNER_NOT_FOUND"),
    },
)
