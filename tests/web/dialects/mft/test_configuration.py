"""Stations, partners and certificates as this API names them, and what then goes over the wire."""

import base64
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from acuse.as2 import Compression, MDNMode
from acuse.cms import Cipher, DecrepitCipher, DecrepitDigest, Digest
from acuse.domain.access import Mode
from acuse.domain.partner import Partner
from acuse.services.cancel_message import cancel_message
from tests.web.client import Response
from tests.web.dialects.mft.desk import Desk, of
from tests.web.dialects.mft.transcript import transcript

INVALID = "User input validation failed. Please try again"


def certificate(desk: Desk) -> str:
    """GLOBEX's, in base64."""
    return base64.b64encode(desk.globex.certificate.public_bytes(Encoding.DER)).decode()


def make(desk: Desk, **fields: object) -> Response:
    given = {
        "name": "Initech",
        "as2Identifier": "INITECH",
        "url": "http://127.0.0.1:9/as2",
        "encryptionCertificate": certificate(desk),
    }
    return desk("POST", "/partner", {**given, **fields})


def partner(desk: Desk, as2_id: str = "INITECH") -> Partner:
    [found] = [entry for entry in desk.acme.ports.views.partners(desk.acme.space) if entry.as2_id == as2_id]
    return found


def wrong(answer: Response) -> list[str]:
    """The names of the fields that an answer refuses."""
    assert 422 == answer.status, answer.body
    assert INVALID == answer.json["message"]
    return [name for entry in answer.json["errors"] for name in entry]


@transcript("POST /partner", "algorithms by name, strong defaults")
@pytest.mark.parametrize("as2_id", ["INITECH", "Ini tech 100%"])
def test_a_partner_is_made_with_strong_defaults_and_can_be_sent_to(desk: Desk, as2_id: str) -> None:
    answer = make(desk, as2Identifier=as2_id)

    made = partner(desk, as2_id)
    assert (200, {"message": "Partner created successfully", "partnerId": made.handle}) == (answer.status, answer.json)
    terms = made.terms
    assert (Digest.SHA256, Cipher.AES128_CBC, Compression.NONE) == (terms.sign, terms.encrypt, terms.compression)
    assert (MDNMode.SYNC, True, 120) == (terms.mdn, terms.mdn_signed, terms.timeout.total_seconds())
    assert 202 == desk.submit(AS2_To=as2_id).status


@transcript("every documented field of a partner", "fixed and growing intervals of retries")
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"signatureAlgorithm": "SHA1"}, {"signatureAlgorithm": "SHA1", "signMessage": True}),
        ({"encryptionAlgorithm": "DES_EDE3_CBC"}, {"encryptionAlgorithm": "DES_EDE3_CBC"}),
        ({"encryptionAlgorithm": "AES256_CBC", "signatureAlgorithm": "SHA512"}, {"encryptionAlgorithm": "AES256_CBC"}),
        ({"signMessage": False, "encryptMessage": False}, {"signMessage": False, "encryptMessage": False}),
        ({"compressBefore": True}, {"compressBefore": True, "compressAfter": False}),
        ({"compressAfter": True}, {"compressBefore": False, "compressAfter": True}),
        ({"requestMDN": False}, {"requestMDN": False}),
        ({"requestAsyncMDN": True, "requestSignedMDN": False}, {"requestAsyncMDN": True, "requestSignedMDN": False}),
        ({"transmissionTimeout": 300}, {"transmissionTimeout": 300}),
        ({"messageSubject": "Orders"}, {"messageSubject": "Orders"}),
        ({"retryIntervalType": "FIXED", "retryInterval": 90}, {"retryIntervalType": "FIXED", "retryInterval": 90}),
        ({"retryIntervalType": "GROWING", "retryInterval": 5}, {"retryIntervalType": "GROWING", "retryInterval": 5}),
    ],
)
def test_what_was_asked_of_a_partner_is_shown_and_kept(
    desk: Desk, given: Mapping[str, object], shown: Mapping[str, object]
) -> None:
    assert 200 == make(desk, **given).status

    read = desk("GET", "/partner/INITECH").json
    assert shown == {name: read[name] for name in shown}
    assert "INITECH" in [entry["identifier"] for entry in desk("GET", "/partner?service=as2").json["partners"]]


def test_weak_algorithms_are_used_when_they_are_named(desk: Desk) -> None:
    make(desk, signatureAlgorithm="SHA1", encryptionAlgorithm="DES_EDE3_CBC")

    assert (DecrepitDigest.SHA1, DecrepitCipher.DES_EDE3_CBC) == (
        partner(desk).terms.sign,
        partner(desk).terms.encrypt,
    )


@transcript("customHeaders and reserved names")
def test_header_fields_of_a_partner_go_with_its_messages_but_for_reserved_ones(desk: Desk) -> None:
    for name in ("as2-from", "AS2-Version", "Content-Type", "message-id", "destination", "mime-version"):
        assert ["customHeaders"] == wrong(make(desk, customHeaders=[{"headerName": name, "headerValue": "x"}]))
    assert ["customHeaders"] == wrong(make(desk, customHeaders="x"))

    assert 200 == make(desk, customHeaders=[{"headerName": "X-Route", "headerValue": "blue"}]).status
    credentials = desk.acme.ports.views.credentials(partner(desk).id)
    assert (("X-Route", "blue"),) == credentials.headers


@transcript("422 with the fields that are wrong")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("url", "not a url"),
        ("encryptionCertificate", "bm8gY2VydGlmaWNhdGU="),
        ("encryptionCertificate", "%%%"),
        ("encryptionCertificate", None),
        ("signatureAlgorithm", "MD5"),
        ("encryptionAlgorithm", "RC2"),
        ("transmissionTimeout", 61),
        ("messageSubject", "x" * 129),
        ("signMessage", "yes"),
        ("useStaticIP", True),
        ("validateTrustAnchor", True),
        ("retryInterval", 0),
    ],
)
def test_a_wrong_field_of_a_partner_is_named_and_nothing_is_kept(desk: Desk, field: str, value: object) -> None:
    assert [field] == wrong(make(desk, **{field: value}))
    assert 1 == desk.acme.count("partner")


@transcript("422 for an AS2 identifier that is taken")
def test_an_identifier_that_is_taken_is_refused(desk: Desk) -> None:
    answer = make(desk, as2Identifier="GLOBEX")

    told = {"as2Identifier": "Partner already exists with AS2 identifier: GLOBEX"}
    assert (422, [told]) == (answer.status, answer.json["errors"])


@transcript("PUT /partner", "GET, PUT and DELETE /partner/{identifier}")
def test_a_partner_is_changed_and_removed(desk: Desk) -> None:
    make(desk)

    changed = desk("PUT", "/partner?service=as2", {"identifier": "INITECH", "signatureAlgorithm": "SHA384"})
    assert (200, "Partner updated successfully") == (changed.status, changed.json["message"])
    assert 200 == desk("PUT", "/partner/INITECH", {"name": "Initech Ltd"}).status
    read = desk("GET", "/partner/INITECH").json
    assert ("Initech Ltd", "SHA384", "AES128_CBC") == (
        read["name"],
        read["signatureAlgorithm"],
        read["encryptionAlgorithm"],
    )
    assert (200, {"message": "Partner deleted successfully"}) == told(desk("DELETE", "/partner/INITECH"))
    for method in ("GET", "DELETE"):
        missing = desk(method, "/partner/INITECH")
        assert (404, {"message": "Unable to find partner with AS2 identifier: INITECH"}) == told(missing)
    assert ["identifier"] == wrong(desk("PUT", "/partner", {"name": "x"}))


def told(answer: Response) -> tuple[int, object]:
    return answer.status, answer.json


def station(desk: Desk, **fields: object) -> Response:
    new = {"type": "NEW_SELF_SIGN_CERTIFICATE", "commonName": "acme two", "password": "x", "keyLength": 2048}
    given = {"name": "Two", "as2Identifier": "ACME-2", "email": "edi@acme.example", "certificate": new}
    return desk("POST", "/station", {**given, **fields})


@transcript("POST /station with a new key", "GET /station")
@pytest.mark.parametrize("years", [1, 5])
def test_a_station_is_made_with_a_new_key_and_can_send(desk: Desk, years: int) -> None:
    wanted = {"type": "NEW_SELF_SIGN_CERTIFICATE", "commonName": "acme two", "validity": years}
    answer = station(desk, certificate=wanted, email="edi@acme.example, ops@acme.example")

    assert (200, "Station created successfully") == (answer.status, answer.json["message"])
    listed = desk("GET", "/station").json["stations"]
    assert [("ACME", "ACME"), ("ACME-2", "Two")] == [(entry["identifier"], entry["name"]) for entry in listed]
    assert answer.json["stationId"] == listed[1]["stationId"]
    [alias] = [entry["alias"] for entry in desk("GET", "/certificate?certType=STATION").json][1:]
    shown = desk("GET", f"/certificate/{alias}").json
    assert ("acme two", ["ACME-2"]) == (shown["subjectCommonName"], shown["belongsTo"])
    lasts = (shown["expiryTimestamp"] - shown["validFromTimestamp"]) / 86_400_000
    assert round(365 * years) == round(lasts)
    assert 202 == desk.submit(AS2_From="ACME-2").status


@transcript("POST /station from a keystore", "POST /station from the certificate store")
def test_a_station_takes_the_key_of_a_keystore_or_of_another_station(desk: Desk) -> None:
    [entry] = desk.globex.ports.views.certificates(desk.globex.station.id)
    assert entry.key_pair is not None
    assert isinstance(entry.key_pair.private_key, RSAPrivateKey)
    keystore = serialize_key_and_certificates(
        b"mine",
        entry.key_pair.private_key,
        entry.x509_certificate,
        None,
        BestAvailableEncryption(b"sesame open"),
    )
    chosen = {"type": "FROM_KEYSTORE", "keystore": base64.b64encode(keystore).decode(), "alias": "mine"}

    assert ["certificate.keystore"] == wrong(station(desk, certificate={**chosen, "keystorePassword": "wrong"}))
    assert 200 == station(desk, certificate={**chosen, "keystorePassword": "sesame open"}).status
    aliases = [entry["alias"] for entry in desk("GET", "/certificate?certType=STATION").json]
    from_store = {"type": "FROM_CERTIFICATE_STORE", "alias": aliases[-1]}
    assert 200 == station(desk, as2Identifier="ACME-3", certificate=from_store).status
    numbers = {desk("GET", f"/certificate/{alias}").json["serialNumberHex"] for alias in aliases[1:]}
    assert {f"{entry.x509_certificate.serial_number:x}"} == numbers


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("name", None, "name"),
        ("email", "no address", "email"),
        ("email", "a@b.example," * 3 + "c@d.example", "email"),
        ("certificate", "x", "certificate"),
        ("certificate", {"type": "x"}, "certificate.type"),
        ("certificate", {"type": "NEW_SELF_SIGN_CERTIFICATE"}, "certificate.commonName"),
        (
            "certificate",
            {"type": "NEW_SELF_SIGN_CERTIFICATE", "commonName": "a", "keyLength": 1024},
            "certificate.keyLength",
        ),
        (
            "certificate",
            {"type": "NEW_SELF_SIGN_CERTIFICATE", "commonName": "a", "validity": 3},
            "certificate.validity",
        ),
        ("certificate", {"type": "FROM_KEYSTORE", "keystore": "%"}, "certificate.keystore"),
        ("as2Identifier", "ACME", "as2Identifier"),
    ],
)
def test_a_wrong_field_of_a_station_is_named_and_nothing_is_kept(
    desk: Desk, field: str, value: object, named: str
) -> None:
    assert [named] == wrong(station(desk, **{field: value}))
    assert 1 == desk.acme.count("station")


@transcript("PUT and DELETE of stations")
def test_a_station_is_changed_and_removed_unless_messages_need_it(desk: Desk) -> None:
    station(desk)
    assert 200 == desk("PUT", "/station/ACME-2", {"name": "Second"}).status
    assert 200 == desk("PUT", "/station", {"identifier": "ACME-2", "email": "new@acme.example"}).status
    shown = desk("GET", "/station/ACME-2").json
    assert ("Second", "new@acme.example") == (shown["name"], shown["email"])
    wire_id = desk.sent(AS2_From="ACME-2")

    assert 409 == desk("DELETE", "/station/ACME-2").status
    desk("GET", f"/message/outbox/{of(wire_id)}")
    from_acme = desk.message(wire_id)
    cancel_message(desk.acme.ports, from_acme.id)
    assert (200, {"message": "Station deleted successfully"}) == told(desk("DELETE", "/station/ACME-2"))
    missing = {"message": "Unable to find station with AS2 identifier: ACME-2"}
    assert (404, missing) == told(desk("GET", "/station/ACME-2"))
    assert 200 == desk("GET", f"/message/outbox/{of(wire_id)}").status


@transcript("a partner's own default subject")
def test_the_default_subject_of_the_partner_goes_before_that_of_the_api(desk: Desk) -> None:
    changed = desk("PUT", "/partner", {"identifier": "GLOBEX", "messageSubject": "Orders of ACME"})
    assert 200 == changed.status, changed.body

    assert "Orders of ACME" == desk.message(desk.sent()).subject
    assert "Mine" == desk.message(desk.sent(Subject="Mine")).subject


@transcript("GET /certificate and /certificate/{alias}", "old and new names of a certificate's fields")
def test_certificates_are_listed_by_type_and_shown_under_both_names(desk: Desk) -> None:
    everything = desk("GET", "/certificate").json
    assert ["PARTNER", "STATION"] == sorted(entry["type"] for entry in everything)
    assert [] == desk("GET", "/certificate?certType=HTTPS_CHAIN").json
    [alias] = [entry["alias"] for entry in desk("GET", "/certificate?certType=PARTNER").json]

    shown = desk("GET", f"/certificate/{alias}").json

    expected = desk.globex.certificate
    assert (str(expected.serial_number), "GLOBEX", ["GLOBEX"]) == (
        shown["serialNumberDecimal"],
        shown["subject_common_name"],
        shown["belongsTo"],
    )
    assert expected.not_valid_after_utc.strftime("%a %b %d %H:%M:%S UTC %Y") == shown["expiry"]
    assert shown["valid_from"] == shown["validFrom"]
    missing = {"message": "Unable to find certificate with alias: cert_999999"}
    assert (404, missing) == told(desk("GET", "/certificate/cert_999999"))
    assert 422 == desk("GET", "/certificate?certType=x").status


@transcript("POST /certificate")
def test_the_next_certificate_of_a_partner_is_brought_in_and_the_old_one_taken_out(desk: Desk) -> None:
    [old] = [entry["alias"] for entry in desk("GET", "/certificate?certType=PARTNER").json]
    [entry] = desk.acme.ports.views.certificates(desk.acme.station.id)
    text = base64.b64encode(entry.x509_certificate.public_bytes(Encoding.PEM)).decode()

    made = desk("POST", "/certificate", {"partnerIdentifier": "GLOBEX", "certificate": text})

    assert 200 == made.status, made.body
    assert (200, {"message": "Certificate deleted successfully"}) == told(desk("DELETE", f"/certificate/{old}"))
    assert [made.json["alias"]] == [e["alias"] for e in desk("GET", "/certificate?certType=PARTNER").json]
    assert 422 == desk("POST", "/certificate", {"partnerIdentifier": "NOBODY", "certificate": text}).status
    assert 422 == desk("POST", "/certificate", {"partnerIdentifier": "GLOBEX", "certificate": "x"}).status


def test_a_key_of_test_mode_changes_no_configuration(desk: Desk) -> None:
    desk.token = desk.log_in(desk.issue("tester", mode=Mode.TEST))["apiToken"]

    assert 403 == make(desk).status
    assert 403 == station(desk).status
    assert 200 == desk("GET", "/partner").status
