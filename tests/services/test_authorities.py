"""Trust by authority: a partner that renews its certificate without telling anybody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acuse.as2 import MDNMode
from acuse.cms import KeyPair, fingerprint
from acuse.domain.keyring import Use
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Terms
from acuse.errors import InvalidInput
from acuse.services.begin_attempt import begin_attempt
from acuse.services.manage_certificates import Serving, add_certificate, add_key_pair, retire_certificate
from acuse.services.manage_partners import add_partner
from tests.peers.issuing import DAY, Issued, issue, may_issue
from tests.services.conftest import Neighbours
from tests.services.house import House, carried

POSITIVE = (Transmission.TRANSMITTED, ReceiptState.POSITIVE)


@pytest.fixture
def authority(neighbours: Neighbours) -> Issued:
    return issue("authority", extensions=[may_issue()], now=neighbours.world.now(), ends=1000 * DAY)


def sign_with(house: House, authority: Issued, *, ends: timedelta = 100 * DAY) -> KeyPair:
    """From now on the house signs with a certificate that the authority issued, and tells nobody."""
    issued = issue(f"{house.as2_id} renewed", by=authority, now=house.world.now(), ends=ends)
    pair = KeyPair(issued.certificate, issued.key)
    add_key_pair(house.ports, house.station, pair, Serving(uses=frozenset({Use.SIGNING})))
    house.world.advance(timedelta(seconds=1))
    return pair


def outcome(sender: House, receiver: House) -> tuple[Transmission, ReceiptState]:
    message = sender.accept()
    sender.send(message, receiver)
    after = sender.message(message)
    return after.transmission, after.receipt


@pytest.mark.parametrize("mdn", [MDNMode.SYNC, MDNMode.ASYNC])
def test_message_and_receipt_signed_with_certificates_of_the_authority_are_believed(
    neighbours: Neighbours, authority: Issued, mdn: MDNMode
) -> None:
    acme, globex = neighbours.meet(Terms(mdn=mdn, signing_authorities=authority.pem))
    ours, theirs = sign_with(acme, authority), sign_with(globex, authority)
    message = acme.accept()

    acme.send(message, globex)

    [received] = globex.inbound()
    assert (Transmission.RECEIVED, fingerprint(ours.certificate)) == (
        received.message.transmission,
        received.message.certificates.signer,
    )
    if mdn is MDNMode.ASYNC:
        assert received.receipt
        acme.take(received.receipt.wire.headers, globex.read(received.receipt.wire.blob_id))
    sent = acme.message(message)
    assert (*POSITIVE, fingerprint(theirs.certificate)) == (
        sent.transmission,
        sent.receipt,
        sent.certificates.receipt_signer,
    )


def test_certificate_of_the_authority_is_a_stranger_s_where_nobody_named_the_authority(
    neighbours: Neighbours, authority: Issued
) -> None:
    acme, globex = neighbours.meet()
    sign_with(acme, authority)

    assert (Transmission.TRANSMITTED, ReceiptState.NEGATIVE) == outcome(acme, globex)
    [received] = globex.inbound()
    assert received.message.problem
    assert "AUTHENTICATION_FAILED" == received.message.problem.code


def test_certificate_of_another_authority_is_a_stranger_s(neighbours: Neighbours, authority: Issued) -> None:
    acme, globex = neighbours.meet(Terms(signing_authorities=authority.pem))
    sign_with(acme, issue("authority", extensions=[may_issue()], now=neighbours.world.now()))

    assert (Transmission.TRANSMITTED, ReceiptState.NEGATIVE) == outcome(acme, globex)


def test_certificate_that_ended_is_not_believed_whoever_issued_it(neighbours: Neighbours, authority: Issued) -> None:
    acme, globex = neighbours.meet(Terms(signing_authorities=authority.pem))
    sign_with(acme, authority, ends=timedelta(hours=1))
    message = acme.accept()
    attempt = begin_attempt(acme.ports, message.id)
    assert attempt
    neighbours.world.advance(timedelta(hours=2))

    carried(attempt, globex)

    [received] = globex.inbound()
    assert Transmission.FAILED is received.message.transmission


def test_certificate_that_we_hold_is_judged_by_us_and_not_by_the_authority(
    neighbours: Neighbours, authority: Issued
) -> None:
    acme, globex = neighbours.meet(Terms(signing_authorities=authority.pem))
    pair = sign_with(acme, authority)
    assert globex.partner
    held = add_certificate(globex.ports, globex.partner, pair.certificate, Serving(uses=frozenset({Use.SIGNING}))).entry
    assert POSITIVE == outcome(acme, globex)

    retire_certificate(globex.ports, held.id)

    assert (Transmission.TRANSMITTED, ReceiptState.NEGATIVE) == outcome(acme, globex)


def test_authority_takes_the_place_of_a_certificate_for_signatures_only(
    neighbours: Neighbours, authority: Issued
) -> None:
    acme, _ = neighbours.acme, neighbours.globex
    terms = Terms(encrypt=None, demand_encrypted=False, signing_authorities=authority.pem)

    def add(as2_id: str, terms: Terms) -> str | None:
        return add_partner(
            acme.ports,
            space=acme.space,
            name=as2_id,
            as2_id=as2_id,
            url="https://x.example/as2",
            certificates=[],
            terms=terms,
            url_is_vouched=False,
        ).terms.signing_authorities

    assert authority.pem == add("SIGNS", terms)
    with pytest.raises(InvalidInput) as refused:
        add("ENCRYPTS", Terms(signing_authorities=authority.pem))
    assert "encryption to the partner" in refused.value.fields["certificate"]
    for pem in ("nonsense", issue("leaf", by=authority, now=neighbours.world.now()).pem):
        with pytest.raises(InvalidInput) as refused:
            add("BROKEN", replace(terms, signing_authorities=pem))
        assert ["signing_ca"] == list(refused.value.fields)
