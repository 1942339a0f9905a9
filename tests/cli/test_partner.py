"""`acuse partner`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.cli.shell import Shell
from tests.peers.identity import Identity

GLOBEX = ("--as2-id", "GLOBEX", "--url", "http://127.0.0.1:9/as2")


def write_certificate(
    file: Path,
    *,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    days: int = 30,
    encoding: Encoding = Encoding.PEM,
) -> Path:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "partner.test")])
    end = datetime.now(UTC) + timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(end - timedelta(days=60)).not_valid_after(end)
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(encoding))
    return file


def test_the_defaults_are_signed_encrypted_and_a_signed_synchronous_receipt(
    shell: Shell, certificate_file: Path
) -> None:
    partner = shell.add_partner("--certificate", certificate_file)

    assert {
        "id": "prt_000001",
        "type": "tenant",
        "name": "GLOBEX",
        "as2_id": "GLOBEX",
        "url": "http://127.0.0.1:9/as2",
        "email": None,
        "active": True,
        "sign": True,
        "encrypt": True,
        "compress": False,
        "compression": "none",
        "mdn_mode": "sync",
        "mdn_signed": True,
        "mdn_url": None,
        "receipt_within": 14400,
        "sign_algorithm": "SHA256withRSA",
        "encrypt_algorithm": "AES128_CBC",
        "signature_scheme": "pkcs1v15",
        "key_transport": "pkcs1v15",
        "accept": [],
        "login_user": None,
        "signing_authorities": None,
        "accept_unsigned_receipts": False,
        "sign_every_receipt": False,
        "check_filenames": False,
        "profile": "as2-1.1",
        "quirks": [],
        "unknown_relation": None,
        "demand": ["signed", "encrypted"],
        "receipt_hosts": [],
        "timeout": 60,
        "retry_attempts": None,
        "retry_interval": None,
        "retry_first": 2,
        "retry_longest": 3600,
        "retry_for": 86400,
        "ask_again": 0,
        "http": {
            "authorities": None,
            "redirect_hosts": [],
            "chunked": False,
            "keep_alive": True,
            "connect_timeout": 20,
            "concurrency": 4,
            "authentication": "basic",
            "basic_user": None,
            "basic_password": None,
            "client_certificate": None,
            "client_key": None,
            "headers": {},
        },
        "accept_expired_until": None,
        "encryption_cert_id": "cert_000002",
        "signing_cert_id": "cert_000002",
    } == {key: value for key, value in partner.items() if key not in ("certificates", "created_at", "updated_at")}
    assert 1 == len(partner["certificates"])


def test_every_term_can_be_chosen(shell: Shell, certificate_file: Path) -> None:
    partner = shell.add_partner(
        *("--name", "Globex SA", "--certificate", certificate_file, "--sign", "sha512", "--encrypt", "aes256_cbc"),
        *("--compress", "--mdn", "async", "--mdn-unsigned", "--demand", "signed", "--timeout", "7.5"),
        *("--receipt-within", "600", "--ask-again", "3"),
    )

    assert "Globex SA" == partner["name"]
    assert "SHA512withRSA" == partner["sign_algorithm"]
    assert "AES256_CBC" == partner["encrypt_algorithm"]
    assert (True, "before_sign") == (partner["compress"], partner["compression"])
    assert "async" == partner["mdn_mode"]
    assert partner["mdn_signed"] is False
    assert ["signed"] == partner["demand"]
    assert (7.5, 600, 3) == (partner["timeout"], partner["receipt_within"], partner["ask_again"])
    assert "10 min, then asked for 3 times" in shell("partner", "show", "GLOBEX").output


def test_retries_can_be_chosen(shell: Shell, certificate_file: Path) -> None:
    retries = ("--retry-first", "0.5", "--retry-longest", "120", "--retry-for", "7200")
    shell.add_partner("--certificate", certificate_file, *retries)

    assert "after 0.5 s, doubled up to 2 min, for 2 h" in shell("partner", "show", "GLOBEX").output


@pytest.mark.parametrize(
    ("options", "demand"),
    [
        (["--sign", "none"], ["encrypted"]),
        (["--encrypt", "none"], ["signed"]),
        (["--sign", "none", "--encrypt", "none"], []),
        (["--sign", "none", "--demand", "signed,encrypted"], ["signed", "encrypted"]),
        (["--demand", "none"], []),
        (["--demand", " Encrypted , signed "], ["signed", "encrypted"]),
    ],
)
def test_we_demand_what_we_send_unless_it_is_said(
    shell: Shell, certificate_file: Path, options: list[str], demand: list[str]
) -> None:
    partner = shell.add_partner("--certificate", certificate_file, *options)

    assert demand == partner["demand"]


@pytest.mark.parametrize("spelling", ["sha384", "SHA-384", "sha_384", "SHA384withRSA"])
def test_digests_have_many_spellings(shell: Shell, certificate_file: Path, spelling: str) -> None:
    assert "SHA384withRSA" == shell.add_partner("--certificate", certificate_file, "--sign", spelling)["sign_algorithm"]


@pytest.mark.parametrize("spelling", ["aes192_cbc", "AES192-CBC", "aes-192-cbc", "AES192_CBC"])
def test_ciphers_have_many_spellings(shell: Shell, certificate_file: Path, spelling: str) -> None:
    partner = shell.add_partner("--certificate", certificate_file, "--encrypt", spelling)

    assert "AES192_CBC" == partner["encrypt_algorithm"]


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--sign", "MD5", "MD5 is unknown; choose from sha256, sha384, sha512, sha1, none"),
        ("--encrypt", "rc2", "rc2 is unknown; choose from aes128_cbc, aes192_cbc, aes256_cbc, aes128_gcm"),
        ("--accept", "md5", "md5 is unknown; choose from sha1, 3des, short-keys"),
        ("--demand", "sealed", "sealed is unknown; choose signed,encrypted or signed or encrypted or none"),
        ("--mdn", "pigeon", "'pigeon' is not one of 'sync', 'async', 'none'"),
        ("--timeout", "0", "0 is not a number of seconds"),
        ("--timeout", "nan", "nan is not a number of seconds"),
        ("--timeout", "inf", "inf is not a number of seconds"),
        ("--retry-for", "soon", "soon is not a number of seconds"),
        ("--certificate", "/nowhere/at-all.pem", "File '/nowhere/at-all.pem' does not exist"),
    ],
)
def test_a_bad_term_is_misuse(shell: Shell, certificate_file: Path, option: str, value: str, reason: str) -> None:
    ended = shell("partner", "add", *GLOBEX, "--certificate", certificate_file, option, value)

    assert f"Invalid value for '{option}': {reason}" in ended.misuse
    assert [] == shell("partner", "list", "--json").json


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "encryption to the partner, the partner's signatures, signed receipts"),
        (["--sign", "none", "--mdn", "none"], "encryption to the partner"),
        (["--encrypt", "none", "--mdn-unsigned"], "the partner's signatures"),
        (["--sign", "none", "--encrypt", "none"], "signed receipts"),
        (["--sign", "none", "--encrypt", "none", "--mdn", "none", "--demand", "signed"], "the partner's signatures"),
    ],
)
def test_terms_that_need_a_certificate_are_refused_without_one(shell: Shell, options: list[str], reason: str) -> None:
    refusal = shell("partner", "add", *GLOBEX, *options).refusal

    assert refusal == f"certificate: give the partner's certificate; it is needed for {reason}"


def test_no_certificate_is_needed_for_plain_messages(shell: Shell) -> None:
    partner = shell.add_partner("--sign", "none", "--encrypt", "none", "--mdn-unsigned")

    assert [] == partner["certificates"]
    assert partner["sign_algorithm"] is None
    assert partner["encrypt_algorithm"] is None


def test_a_certificate_in_der_is_taken(shell: Shell, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    file = write_certificate(tmp_path / "partner.cer", key=key, encoding=Encoding.DER)

    partner = shell.add_partner("--certificate", file)

    assert "CN=partner.test" == partner["certificates"][0]["subject"]


def test_several_certificates_are_kept_and_the_same_one_only_once(
    shell: Shell, certificate_file: Path, stranger_identity: Identity, tmp_path: Path
) -> None:
    second = tmp_path / "second.pem"
    second.write_bytes(stranger_identity.certificate)

    partner = shell.add_partner(*("--certificate", certificate_file) * 2, "--certificate", second)

    assert ["CN=partner.test", "CN=stranger.test"] == [entry["subject"] for entry in partner["certificates"]]


def refused_certificates(folder: Path) -> dict[str, tuple[Path, str]]:
    text = folder / "note.txt"
    text.write_text("no certificate")
    curve = write_certificate(folder / "ec.pem", key=ec.generate_private_key(ec.SECP256K1()))
    old = write_certificate(folder / "old.pem", key=rsa.generate_private_key(65537, 2048), days=-1)
    return {
        "text": (text, "X.509 certificate"),
        "elliptic": (curve, "lies on the curve secp256k1"),
        "expired": (old, "ask the partner for its current one"),
    }


@pytest.mark.parametrize("kind", ["text", "elliptic", "expired"])
def test_a_certificate_that_cannot_serve_is_refused(shell: Shell, tmp_path: Path, kind: str) -> None:
    file, reason = refused_certificates(tmp_path)[kind]

    assert reason in shell("partner", "add", *GLOBEX, "--certificate", file).refusal
    assert [] == shell("partner", "list", "--json").json


@pytest.mark.parametrize(
    "url",
    ["ftp://partner.test/", "partner.test", "http://", "http://user:word@partner.test/", "http://partner.test/#x"],
)
def test_a_bad_url_is_refused(shell: Shell, certificate_file: Path, url: str) -> None:
    ended = shell("partner", "add", "--as2-id", "GLOBEX", "--url", url, "--certificate", certificate_file)

    assert ended.refusal.startswith("url: an absolute http:// or https:// URL")


def test_the_same_as2_id_is_refused(shell: Shell, certificate_file: Path) -> None:
    shell.add_partner("--certificate", certificate_file)

    assert "exists already" in shell("partner", "add", *GLOBEX, "--certificate", certificate_file).refusal
    assert 1 == len(shell("partner", "list", "--json").json)


def test_show_and_list_print_the_added_object(shell: Shell, certificate_file: Path) -> None:
    added: dict[str, Any] = shell.add_partner("--certificate", certificate_file)

    assert added == shell("partner", "show", "prt_000001", "--json").json
    assert added == shell("partner", "show", "GLOBEX", "--json").json
    assert [added] == shell("partner", "list", "--json").json


@pytest.mark.parametrize(
    ("options", "compression", "told"),
    [
        (["--compress"], "before_sign", "compressed, signed sha256, encrypted aes128_cbc"),
        (["--compress", "before-sign"], "before_sign", "compressed, signed sha256, encrypted aes128_cbc"),
        (["--compress", "After-Sign"], "after_sign", "signed sha256, compressed, encrypted aes128_cbc"),
        (["--compress", "--preset", "mulesoft"], "before_sign", "compressed, signed sha256, encrypted aes128_cbc"),
    ],
)
def test_order_of_compression_and_signature_can_be_chosen(
    shell: Shell, certificate_file: Path, options: list[str], compression: str, told: str
) -> None:
    added = shell.add_partner("--certificate", certificate_file, *options)

    assert compression == added["compression"]
    assert told in shell("partner", "list").output


def test_people_see_what_we_send_and_demand(shell: Shell, certificate_file: Path) -> None:
    shell.add_partner("--certificate", certificate_file, "--compress", "--demand", "none")

    listed, shown = shell("partner", "list").output, shell("partner", "show", "GLOBEX").output
    assert "compressed, signed sha256, encrypted aes128_cbc" in listed
    assert ["we", "demand", "nothing"] in [line.split() for line in shown.splitlines()]
    assert "CN=partner.test" in shown


def test_an_empty_list_says_how_to_begin(shell: Shell) -> None:
    assert "No partner yet. 'acuse partner add' makes one.\n" == shell("partner", "list").output


def test_an_unknown_partner_is_refused(shell: Shell) -> None:
    assert "There is no partner 'NOBODY'" in shell("partner", "show", "NOBODY").refusal


# ── The partner's software ────────────────────────────────────────────────────────────────────────────────────────────


def test_presets_are_listed_with_reason_and_source(shell: Shell) -> None:
    listed = {preset["name"]: preset for preset in shell("partner", "presets", "--json").json}

    assert {"quirks": {"base64-parts": True}} == listed["mulesoft"]["changes"]
    assert "OpenAS2 manual" in listed["seeburger"]["source"]
    assert listed["mulesoft"]["reason"] in shell("partner", "presets").output


def test_preset_sets_what_is_known_of_the_product(shell: Shell, certificate_file: Path) -> None:
    partner = shell.add_partner("--certificate", certificate_file, "--preset", "mulesoft")

    assert ["base64-parts"] == partner["quirks"]
    assert "base64-parts" in shell("partner", "show", "GLOBEX").output


def test_what_is_written_on_the_line_wins_over_the_preset(shell: Shell, certificate_file: Path) -> None:
    partner = shell.add_partner(
        *("--certificate", certificate_file, "--preset", "ibm-sterling", "--compress"),
        *("--quirk", "bare-filenames", "--quirk", "binary_signature", "--profile", "as2-1.2"),
    )

    assert partner["compress"]
    assert ["bare-filenames", "binary-signature"] == sorted(partner["quirks"])
    assert "as2-1.2" == partner["profile"]


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [("--preset", "nobody", "seeburger"), ("--profile", "as2-9", "as2-1.3"), ("--quirk", "odd", "base64-parts")],
)
def test_unknown_preset_profile_or_quirk_is_refused_with_the_known_ones(
    shell: Shell, option: str, value: str, known: str
) -> None:
    assert known in shell("partner", "add", *GLOBEX, option, value).misuse


# ── Algorithms ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--sign", "SHA1withRSA", "--encrypt", "3DES"], ("SHA1withRSA", "3DES", [])),
        (["--encrypt", "des3", "--accept", "sha1, 3DES"], ("SHA256withRSA", "3DES", ["3des", "sha1"])),
        (["--encrypt", "aes256-gcm", "--accept", "short_keys"], ("SHA256withRSA", "AES256_GCM", ["short-keys"])),
        (["--profile", "as2-1.3"], ("SHA256withRSA", "AES128_GCM", [])),
        (["--profile", "as2-1.3", "--encrypt", "aes128_cbc"], ("SHA256withRSA", "AES128_CBC", [])),
    ],
)
def test_weak_and_authenticated_algorithms_are_agreed_by_name(
    shell: Shell, certificate_file: Path, options: list[str], expected: tuple[str, str, list[str]]
) -> None:
    partner = shell.add_partner("--certificate", certificate_file, *options)

    assert expected == (partner["sign_algorithm"], partner["encrypt_algorithm"], partner["accept"])
    assert partner == shell("partner", "show", "GLOBEX", "--json").json


def test_rsa_schemes_are_agreed(shell: Shell, certificate_file: Path) -> None:
    chosen = ("--signature-scheme", "pss", "--key-transport", "OAEP")

    partner = shell.add_partner("--certificate", certificate_file, *chosen)

    assert ("pss", "oaep") == (partner["signature_scheme"], partner["key_transport"])


@pytest.mark.parametrize("weak", [("--sign", "sha1"), ("--encrypt", "3des")])
def test_nothing_weak_is_written_under_as2_1_3(shell: Shell, certificate_file: Path, weak: tuple[str, str]) -> None:
    refusal = shell("partner", "add", *GLOBEX, "--certificate", certificate_file, "--profile", "as2-1.3", *weak).refusal

    assert "too weak for the profile as2-1.3" in refusal


def test_short_key_of_a_partner_is_taken_where_short_keys_are_accepted(shell: Shell, tmp_path: Path) -> None:
    file = write_certificate(tmp_path / "short.pem", key=rsa.generate_private_key(65537, 1024))

    assert "1024 bits" in shell("partner", "add", *GLOBEX, "--certificate", file).refusal
    assert "short-keys" in shell.add_partner("--certificate", file, "--accept", "short-keys")["accept"]


def test_login_of_a_partner_is_kept_as_a_hash(shell: Shell, certificate_file: Path, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    login = ("--login-user", "globex", "--login-password-file", str(password))
    options = ("--url", "http://127.0.0.1:9/as2", "--certificate", str(certificate_file), *login)

    added = shell("partner", "add", "--as2-id", "GLOBEX", *options, "--json")

    assert "globex" == added.json["login_user"]
    stored = b"".join(file.read_bytes() for file in shell.home.rglob("*") if file.is_file())
    assert b"password_hash" in stored
    assert b"correct horse battery" not in stored


def test_login_needs_both_of_its_parts(shell: Shell, certificate_file: Path) -> None:
    options = ("--url", "http://127.0.0.1:9/as2", "--certificate", str(certificate_file), "--login-user", "globex")

    refused = shell("partner", "add", "--as2-id", "GLOBEX", *options)

    assert "login_user: a user name and a password come together" in refused.refusal
