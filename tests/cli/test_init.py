"""`acuse init`."""

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from acuse.bootstrap import open_gateway
from acuse.config import Settings
from acuse.services.found_home import found_home
from tests.cli.shell import Shell

ACME = ("--name", "Acme Corporation", "--as2-id", "ACME")


def test_a_new_home_has_an_account_a_station_and_a_key(fresh_shell: Shell) -> None:
    made = fresh_shell("init", *ACME, "--json").json

    assert {"id": "acc_000001", "name": "Acme Corporation"} == made["account"]
    assert "stn_000001" == made["station"]["id"]
    assert "ACME" == made["station"]["as2_id"]
    assert "http://127.0.0.1:8080/as2" == made["station"]["receive_url"]
    assert made["api_key"].startswith("pk_live_")
    assert len(made["api_key"]) >= len("pk_live_") + 32


def test_the_certificate_is_rsa_2048_with_sha_256_for_two_years(fresh_shell: Shell) -> None:
    pem = fresh_shell("init", *ACME, "--json").json["station"]["certificate"]

    certificate = x509.load_pem_x509_certificate(pem.encode())

    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert 2048 == key.key_size
    assert certificate.signature_hash_algorithm is not None
    assert "sha256" == certificate.signature_hash_algorithm.name
    assert timedelta(0) <= certificate.not_valid_after_utc - certificate.not_valid_before_utc - timedelta(days=730)
    assert timedelta(days=731) > certificate.not_valid_after_utc - certificate.not_valid_before_utc


def test_the_home_is_for_its_user_alone(fresh_shell: Shell) -> None:
    fresh_shell("init", *ACME)

    assert 0o700 == stat.S_IMODE(fresh_shell.home.stat().st_mode)
    assert 0o600 == stat.S_IMODE((fresh_shell.home / "master.key").stat().st_mode)


def test_the_database_and_its_log_are_for_their_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_gateway(Settings.load({"home": tmp_path / "home"}, {}), create=True) as gateway:
            found_home(gateway.ports, name="Acme", as2_id="ACME", url="https://as2.example.com")
            files = sorted(gateway.home.path.glob("acuse.db*"))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    finally:
        os.umask(before)

    assert {"acuse.db": 0o600, "acuse.db-shm": 0o600, "acuse.db-wal": 0o600} == modes


def test_text_for_people_shows_the_key_and_what_to_do_next(fresh_shell: Shell) -> None:
    ended = fresh_shell("init", *ACME)

    assert 0 == ended.code
    assert "pk_live_" in ended.output
    assert "acuse serve" in ended.output


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (["--url", "https://as2.example.com/"], {}),
        ([], {"ACUSE_URL": "https://as2.example.com"}),
        (["--url", "https://as2.example.com"], {"ACUSE_URL": "https://elsewhere.example.com"}),
    ],
    ids=["flag", "environment", "flag-first"],
)
def test_the_url_of_partners_is_taken(fresh_shell: Shell, options: list[str], variables: dict[str, str]) -> None:
    made = fresh_shell("init", *ACME, *options, "--json", **variables).json

    assert "https://as2.example.com/as2" == made["station"]["receive_url"]


def test_a_home_is_not_made_twice(shell: Shell) -> None:
    ended = shell("init", *ACME)

    assert "has an account already" in ended.refusal
    assert 1 == len(shell("station", "list", "--json").json)


@pytest.mark.parametrize(
    "options",
    [
        ["--name", "", "--as2-id", "ACME"],
        ["--name", "Acme", "--as2-id", "ACMÉ"],
        ["--name", "Acme", "--as2-id", "A" * 129],
        ["--name", "Acme", "--as2-id", " ACME"],
    ],
)
def test_bad_names_are_refused_and_leave_no_home(fresh_shell: Shell, options: list[str]) -> None:
    ended = fresh_shell("init", *options)

    assert "characters" in ended.refusal
    assert not fresh_shell.home.exists()


@pytest.mark.parametrize("command", [("init", *ACME), ("serve",)], ids=["init", "serve"])
def test_an_address_that_partners_cannot_reach_is_refused_and_leaves_no_home(
    fresh_shell: Shell, command: tuple[str, ...]
) -> None:
    ended = fresh_shell(*command, ACUSE_PORT="0")

    assert ended.refusal.startswith("url: ")
    assert not fresh_shell.home.exists()


def test_a_missing_option_is_named(fresh_shell: Shell) -> None:
    assert "Missing option '--as2-id'. See 'acuse init --help'." == fresh_shell("init", "--name", "Acme").misuse


def test_a_home_that_cannot_be_made_is_one_line(fresh_shell: Shell) -> None:
    fresh_shell.home.parent.joinpath("file").write_text("")

    ended = fresh_shell("init", *ACME, "--home", fresh_shell.home.parent / "file" / "home")

    assert "Not a directory" in ended.refusal


def test_options_come_from_the_environment_too(fresh_shell: Shell) -> None:
    ended = fresh_shell("init", ACUSE_INIT_NAME="Acme", ACUSE_INIT_AS2_ID="ACME", ACUSE_INIT_JSON="true")

    assert "ACME" == json.loads(ended.output)["station"]["as2_id"]
