"""What two gateways agree on holds from the first byte to the judged receipt."""

import pytest

from acuse.as2 import PRESETS, MDNMode, Profile, Quirks, Weakness
from acuse.cms import Cipher, DecrepitCipher, DecrepitDigest, Digest, KeyTransport, SignatureScheme
from acuse.domain.message import ReceiptState, Transmission
from acuse.domain.partner import Terms
from tests.services.conftest import Neighbours
from tests.services.house import INVOICE

WEAK = frozenset(Weakness)
AGREEMENTS = {
    "authenticated encryption under as2-1.3": Terms(
        profile=Profile.AS2_1_3,
        sign=Digest.SHA384,
        encrypt=Cipher.AES256_GCM,
        signature_scheme=SignatureScheme.PSS,
        key_transport=KeyTransport.OAEP,
    ),
    "as2-1.2": Terms(profile=Profile.AS2_1_2),
    "weak algorithms by name": Terms(sign=DecrepitDigest.SHA1, encrypt=DecrepitCipher.DES_EDE3_CBC, accept=WEAK),
    "weak fallback of an unsigned message": Terms(sign=None, demand_signed=False, accept=WEAK),
    "every quirk": Terms(
        quirks=Quirks(
            plain_digest_names=True,
            base64_parts=True,
            binary_signature=True,
            bare_filenames=True,
            omit_certificate=True,
            refuse_by_status=True,
        )
    ),
    **{f"preset {name}": Terms().with_preset(preset) for name, preset in PRESETS.items()},
}


@pytest.mark.parametrize("terms", AGREEMENTS.values(), ids=AGREEMENTS.keys())
def test_message_is_delivered_and_its_receipt_positive(neighbours: Neighbours, terms: Terms) -> None:
    acme, globex = neighbours.meet(terms)
    message = acme.accept(INVOICE)

    acme.send(message, globex)

    sent = acme.view(message)
    assert (Transmission.TRANSMITTED, ReceiptState.POSITIVE) == (sent.message.transmission, sent.message.receipt)
    assert sent.receipt
    assert sent.receipt.is_verified
    [view] = globex.inbound()
    assert ["1.edi"] == [file.filename for file in view.attachments]
    assert [INVOICE] == globex.payloads(view)


def test_weak_message_is_refused_by_who_did_not_name_its_algorithm(neighbours: Neighbours) -> None:
    acme, globex = neighbours.acme, neighbours.globex
    acme.meet(globex, Terms(sign=DecrepitDigest.SHA1, encrypt=None, mdn=MDNMode.SYNC, mdn_signed=False))
    globex.meet(acme, Terms(encrypt=None, demand_encrypted=False))
    message = acme.accept(INVOICE)

    acme.send(message, globex)

    assert ReceiptState.NEGATIVE is acme.message(message).receipt
    assert [()] == [view.attachments for view in globex.inbound()]
