"""What is done inside the peer's environment.

python peer.py prepare KEY.pem CERTIFICATE.pem OTHER.pem URL    make the database, the organisation, the partner
python peer.py send FILE COUNT    send a file so often, in one process; prints milliseconds of processor time each
"""

import os
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from pyas2.models import Message, Organization, Partner, PrivateKey, PublicCertificate  # noqa: E402


def prepare(key: str, certificate: str, other: str, url: str) -> None:
    """`PEER` is the organisation, `BENCH` its partner."""
    call_command("migrate", verbosity=0)
    own = Path(key).read_bytes() + Path(certificate).read_bytes()
    pair = PrivateKey.objects.create(name="own", key=own, key_pass="benchmark")
    known = PublicCertificate.objects.create(name="other", certificate=Path(other).read_bytes(), verify_cert=False)
    Organization.objects.create(name="PEER", as2_name="PEER", encryption_key=pair, signature_key=pair)
    Partner.objects.create(
        name="BENCH",
        as2_name="BENCH",
        target_url=url,
        content_type="application/EDI-X12",
        encryption="aes_128_cbc",
        encryption_cert=known,
        signature="sha256",
        signature_cert=known,
        mdn=True,
        mdn_mode="SYNC",
        mdn_sign="sha256",
    )


def send(file: str, count: str) -> None:
    """The command of the product itself, so often."""
    call_command("sendas2message", "PEER", "BENCH", file)
    began = time.process_time()
    for _ in range(int(count)):
        call_command("sendas2message", "PEER", "BENCH", file)
    print((time.process_time() - began) * 1000 / int(count))
    failed = Message.objects.filter(direction="OUT").exclude(status="S").first()
    if failed:
        raise SystemExit(f"not delivered: {failed.detailed_status}")


{"prepare": prepare, "send": send}[sys.argv[1]](*sys.argv[2:])
