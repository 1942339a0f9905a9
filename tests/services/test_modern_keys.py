"""Stations and partners with Ed25519 keys for signatures and X25519 keys for encryption."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from acuse.cms import Cipher, Digest, KeyPair
from acuse.domain.keyring import Use
from acuse.domain.message import ReceiptState
from acuse.domain.partner import Terms
from acuse.errors import InvalidInput
from acuse.services.manage_certificates import Serving, add_certificate, add_key_pair, retire_certificate
from acuse.services.manage_partners import add_partner
from tests.services.conftest import Neighbours
from tests.services.house import INVOICE, House

DAY = timedelta(days=1)
SIGNING, ENCRYPTION = Serving(uses={Use.SIGNING}), Serving(uses={Use.ENCRYPTION})


def pair_of(key: Ed25519PrivateKey | X25519PrivateKey, now: datetime) -> KeyPair:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, type(key).__name__)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - DAY).not_valid_after(now + 100 * DAY)
    return KeyPair(builder.sign(generate_private_key(SECP256R1()), SHA256()), key)


def move(house: House) -> list[x509.Certificate]:
    """Give the station such keys in place of the one that it has."""
    now = house.world.now()
    [old] = house.ports.views.certificates(house.station.id)
    signing, decrypting = pair_of(Ed25519PrivateKey.generate(), now), pair_of(X25519PrivateKey.generate(), now)
    add_key_pair(house.ports, house.station, signing, SIGNING)
    add_key_pair(house.ports, house.station, decrypting, ENCRYPTION)
    retire_certificate(house.ports, old.id)
    return [signing.certificate, decrypting.certificate]


def introduce(house: House, other: House, certificates: list[x509.Certificate], terms: Terms) -> None:
    house.partner = add_partner(
        house.ports,
        space=house.space,
        name=other.as2_id,
        as2_id=other.as2_id,
        url=other.station.receive_url,
        certificates=certificates,
        terms=terms,
        url_is_vouched=False,
    )


@pytest.mark.parametrize("sign", [Digest.SHA256, Digest.SHA512])
@pytest.mark.parametrize("cipher", [Cipher.AES128_CBC, Cipher.AES256_GCM, Cipher.CHACHA20_POLY1305])
def test_stations_with_keys_on_the_modern_curves_exchange_messages(
    neighbours: Neighbours, sign: Digest, cipher: Cipher
) -> None:
    acme, globex, terms = neighbours.acme, neighbours.globex, Terms(sign=sign, encrypt=cipher)
    ours, theirs = move(acme), move(globex)
    introduce(acme, globex, theirs, terms)
    introduce(globex, acme, ours, terms)

    acme.send(message := acme.accept(INVOICE), globex)

    sent = acme.message(message)
    assert (ReceiptState.POSITIVE, None) == (sent.receipt, sent.problem)
    assert sent.exchange
    assert Digest.SHA512 is sent.exchange.digest
    [received] = globex.inbound()
    assert [INVOICE] == globex.payloads(received)


def test_each_certificate_of_a_partner_serves_for_what_its_key_can(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex

    introduce(acme, globex, move(globex), Terms())

    assert acme.partner
    entries = acme.ports.views.certificates(acme.partner.id)
    assert [{Use.SIGNING}, {Use.ENCRYPTION}] == [set(entry.uses) for entry in entries]


@pytest.mark.parametrize(("missing", "told"), [(0, "the partner's signatures"), (1, "encryption to the partner")])
def test_a_partner_needs_a_certificate_for_each_use(neighbours: Neighbours, missing: int, told: str) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    certificates = move(globex)
    del certificates[missing]

    with pytest.raises(InvalidInput) as refused:
        introduce(acme, globex, certificates, Terms())

    assert told in str(refused.value.fields["certificate"])


@pytest.mark.parametrize(
    ("key", "serving"),
    [(Ed25519PrivateKey.generate(), ENCRYPTION), (X25519PrivateKey.generate(), SIGNING)],
)
def test_a_key_is_refused_for_what_it_cannot_do(
    neighbours: Neighbours, key: Ed25519PrivateKey | X25519PrivateKey, serving: Serving
) -> None:
    acme, _ = neighbours.meet(Terms())
    pair = pair_of(key, acme.world.now())
    assert acme.partner

    for wanted in (serving, replace(serving, uses=tuple(Use))):
        with pytest.raises(InvalidInput):
            add_key_pair(acme.ports, acme.station, pair, wanted)
        with pytest.raises(InvalidInput):
            add_certificate(acme.ports, acme.partner, pair.certificate, wanted)
