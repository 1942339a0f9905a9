"""`acuse certificate`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    load_pem_private_key,
    pkcs12,
)

from tests.cli.shell import Shell
from tests.peers.identity import Identity
from tests.peers.pyas2 import Pyas2Peer

FIELDS = (
    *("id", "name", "type", "usage", "subject", "issuer", "active", "expires_at", "partner_id", "fingerprint"),
    *("created_at", "updated_at"),
)


@pytest.fixture
def next_file(stranger_identity: Identity, tmp_path: Path) -> Path:
    """The next certificate of a partner, in DER."""
    file = tmp_path / "next.cer"
    file.write_bytes(x509.load_pem_x509_certificate(stranger_identity.certificate).public_bytes(Encoding.DER))
    return file


@pytest.fixture
def key_file(partner_identity: Identity, tmp_path: Path) -> Path:
    """A key pair in PKCS#12; its password is in `secret.txt` beside it."""
    key = load_pem_private_key(partner_identity.key, None)
    certificate = x509.load_pem_x509_certificate(partner_identity.certificate)
    file = tmp_path / "acme.p12"
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(None, key, certificate, None, BestAvailableEncryption(b"s3cret"))  # type: ignore[arg-type]
    )
    (tmp_path / "secret.txt").write_text("s3cret\n")
    return file


def test_a_partners_next_certificate_is_added_and_listed(shell: Shell, certificate_file: Path, next_file: Path) -> None:
    shell.add_partner("--certificate", certificate_file)

    added = shell(
        *("certificate", "add", "--partner", "GLOBEX", next_file, "--use", "signing", "--name", "2027"),
        *("--active-from", "2199-12-01T08:30+01:00", "--active-until", "2199-12-31", "--json"),
    ).json

    assert set(FIELDS) <= added.keys()
    assert ("cert_000003", "2027", "partner", "signing") == tuple(added[name] for name in FIELDS[:4])
    assert ("prt_000001", False, "pending") == (added["partner_id"], added["active"], added["state"])
    assert "2199-12-01T07:30:00.000000Z" == added["active_from"]
    assert "2199-12-31T00:00:00.000000Z" == added["active_until"]
    listed = shell("certificate", "list", "--json").json
    assert ["cert_000001", "cert_000002", "cert_000003"] == [entry["id"] for entry in listed]
    assert ["identity", "partner", "partner"] == [entry["type"] for entry in listed]
    assert ["both", "both", "signing"] == [entry["usage"] for entry in listed]
    assert added == listed[2]
    assert listed[1:] == shell("certificate", "list", "--partner", "GLOBEX", "--json").json
    assert listed[:1] == shell("certificate", "list", "--station", "ACME", "--json").json


def test_a_stations_key_pair_comes_from_pkcs12_with_its_password(shell: Shell, key_file: Path) -> None:
    options = ("certificate", "add", "--station", "ACME", key_file)

    refused = shell(*options).refusal
    added = shell(*options, "--password-file", key_file.with_name("secret.txt"), "--json").json

    assert refused.startswith(f"{key_file}: ")
    assert "the password does not open it" in refused
    assert ("identity", None, "stn_000001", True) == tuple(
        added[name] for name in ("type", "partner_id", "station_id", "active")
    )
    assert "CN=partner.test" == added["subject"]


def test_the_next_key_pair_is_made_to_start_later(shell: Shell) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=14)

    made = shell(
        *("certificate", "generate", "--station", "ACME", "--days", "30", "--active-from", start.isoformat(), "--json")
    ).json

    assert ("pending", "CN=ACME") == (made["state"], made["subject"])
    assert f"{start + timedelta(days=30):%Y-%m-%dT%H:%M:%S}.000000Z" == made["expires_at"]
    assert "1 to 3660" in shell("certificate", "generate", "--days", "100000").refusal


def test_a_retired_certificate_is_out_of_use(shell: Shell) -> None:
    shell("certificate", "generate")

    retired = shell("certificate", "retire", "cert_000001", "--json").json

    assert ("retired", False) == (retired["state"], retired["active"])
    states = [entry["state"] for entry in shell("certificate", "list", "--json").json]
    assert ["retired", "active"] == states


def test_the_time_that_a_certificate_serves_is_changed(shell: Shell) -> None:
    before = shell("certificate", "list", "--json").json[0]

    changed = shell("certificate", "activate", "cert_000001", "--active-until", "2199-12-31", "--json").json

    assert before["active_from"] == changed["active_from"]
    assert "2199-12-31T00:00:00.000000Z" == changed["active_until"]
    assert "--active-from, --active-until or both" in shell("certificate", "activate", "cert_000001").misuse


def test_a_certificate_is_exported_without_its_key(shell: Shell) -> None:
    pem = shell("certificate", "export", "cert_000001").raw_output
    der = shell("certificate", "export", "cert_000001", "--der").raw_output

    certificate = x509.load_der_x509_certificate(der)
    assert certificate == x509.load_pem_x509_certificate(pem)
    assert b"PRIVATE" not in pem
    assert "CN=ACME" == certificate.subject.rfc4514_string()


def test_people_see_a_table_and_facts(shell: Shell, certificate_file: Path) -> None:
    shell.add_partner("--certificate", certificate_file)

    listed = shell("certificate", "list").output.splitlines()
    made = shell("certificate", "generate").output

    assert ["id", "of", "use", "state", "active", "from"] == listed[0].split()[:6]
    assert "partner GLOBEX" in listed[2]
    assert "signing, encryption   active" in listed[2]
    assert "station ACME" in made


@pytest.mark.parametrize("command", ["retire", "export"])
@pytest.mark.parametrize("name", ["cert_000009", "1", "prt_000001"])
def test_an_unknown_certificate_is_refused(shell: Shell, command: str, name: str) -> None:
    refusal = shell("certificate", command, name).refusal

    assert f"There is no certificate '{name}'. 'acuse certificate list' shows those that exist." == refusal


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "either --partner or --station"),
        (["--partner", "GLOBEX", "--station", "ACME"], "either --partner or --station"),
        (["--partner", "GLOBEX", "--use", "tls"], "tls is unknown; choose signing,encryption"),
        (["--partner", "GLOBEX", "--active-from", "tomorrow"], "tomorrow is not a time"),
    ],
)
def test_a_line_that_cannot_be_read_is_misuse(
    shell: Shell, certificate_file: Path, options: list[str], reason: str
) -> None:
    assert reason in shell("certificate", "add", certificate_file, *options).misuse


def test_a_file_that_is_no_certificate_is_refused_by_name(shell: Shell, certificate_file: Path, order: Path) -> None:
    shell.add_partner("--certificate", certificate_file)

    assert shell("certificate", "add", "--partner", "GLOBEX", order).refusal.startswith(f"{order}: ")
    assert "already: cert_000002" in shell("certificate", "add", "--partner", "GLOBEX", certificate_file).refusal


def test_expired_certificates_are_accepted_until_a_time(shell: Shell, certificate_file: Path) -> None:
    added = shell.add_partner("--certificate", certificate_file, "--accept-expired-until", "2199-01-01")
    command = ("certificate", "accept-expired", "--partner", "GLOBEX")

    changed = shell(*command, "--until", "2199-12-31", "--json").json
    shown = shell("partner", "show", "GLOBEX").output
    ended = shell(*command, "--never", "--json").json

    assert "2199-01-01T00:00:00.000000Z" == added["accept_expired_until"]
    assert "2199-12-31T00:00:00.000000Z" == changed["accept_expired_until"]
    assert "2199-12-31 00:00:00 UTC" in shown
    assert ended["accept_expired_until"] is None
    assert ended == shell("partner", "show", "GLOBEX", "--json").json
    assert "either --until or --never" in shell(*command).misuse
    assert "a time in the future" in shell(*command, "--until", "2020-01-01").refusal


def test_a_message_shows_the_certificates_that_it_used(
    shell: Shell, peer: Pyas2Peer, certificate_file: Path, order: Path
) -> None:
    shell.add_partner("--certificate", certificate_file, url=peer.url)
    shell("send", order, "--to", "GLOBEX", "--wait")

    used = shell("show", "msg_000001", "--json").json["certificates"]
    text = shell("show", "msg_000001").output

    ours, theirs = (entry["fingerprint"] for entry in shell("certificate", "list", "--json").json)
    assert {"signer": ours, "recipient": theirs, "receipt_signer": theirs} == used
    assert "encrypted to          cert_000002 of GLOBEX" in text
    assert shell("certificate", "list", "--json").json[1]["first_used_at"] is not None
