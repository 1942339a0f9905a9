"""Where a setting's value comes from, and what is refused."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from acuse.config import LogFormat, Role, Secret, SettingInvalid, Settings
from acuse.errors import SettingUnknown


def write_file(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "acuse.toml").write_text(text)


def test_without_any_source_the_defaults_hold() -> None:
    settings = Settings.load({}, {})

    assert Settings() == settings
    assert (Path("acuse-home"), "127.0.0.1", 8080, Role.ALL) == (
        settings.home,
        settings.host,
        settings.port,
        settings.role,
    )
    assert "http://127.0.0.1:8080" == settings.url


def test_the_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    write_file(tmp_path, 'port = 1\nhost = "10.0.0.1"\nlog_format = "json"\n')
    environ = {"ACUSE_HOME": str(tmp_path), "ACUSE_PORT": "2", "ACUSE_HOST": "10.0.0.2"}

    settings = Settings.load({"port": 3, "host": None}, environ)

    assert (3, "10.0.0.2", LogFormat.JSON) == (settings.port, settings.host, settings.log_format)


def test_every_setting_may_come_from_the_environment(tmp_path: Path) -> None:
    environ = {
        "ACUSE_HOME": str(tmp_path),
        "ACUSE_URL": "https://as2.example.com/",
        "ACUSE_ROLE": "AS2",
        "ACUSE_TLS_CERTIFICATE": "/c.pem",
        "ACUSE_TLS_KEY": "/k.pem",
        "ACUSE_TRUSTED_PROXY": "10.1.2.3/8, ::1",
        "ACUSE_MASTER_KEY": "opensesame",
        "ACUSE_ALLOW_PRIVATE_NETWORKS": "true",
        "ACUSE_MAX_BODY": "3 GiB",
        "ACUSE_MAX_JSON_BODY": "1024",
        "ACUSE_LOG_LEVEL": "debug",
        "PATH": "/bin",
    }

    settings = Settings.load({}, environ)

    assert settings == Settings(
        home=tmp_path,
        url="https://as2.example.com",
        role=Role.AS2,
        tls_certificate=Path("/c.pem"),
        tls_key=Path("/k.pem"),
        trusted_proxy=(ip_network("10.0.0.0/8"), ip_network("::1")),
        master_key=Secret("opensesame"),
        allow_private_networks=True,
        max_body=3 << 30,
        max_json_body=1024,
        log_level=settings.log_level,
    )
    assert "debug" == settings.log_level


def test_the_file_may_use_the_types_of_toml(tmp_path: Path) -> None:
    write_file(tmp_path, 'trusted_proxy = ["10.0.0.0/8"]\nallow_private_networks = true\nmax_body = 5\n')

    settings = Settings.load({"home": tmp_path}, {})

    assert ((ip_network("10.0.0.0/8"),), True, 5) == (
        settings.trusted_proxy,
        settings.allow_private_networks,
        settings.max_body,
    )


def test_an_unknown_variable_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(SettingUnknown, match=r"ACUSE_PROT.*Did you mean ACUSE_PORT\?"):
        Settings.load({}, {"ACUSE_PROT": "1"})


def test_an_unknown_variable_is_refused_even_when_it_is_empty() -> None:
    with pytest.raises(SettingUnknown):
        Settings.load({}, {"ACUSE_PROT": ""})


def test_a_variable_of_somebody_else_is_left_alone() -> None:
    settings = Settings.load({}, {"ACUSE_SEND_TO": "GLOBEX"}, also_known={"ACUSE_SEND_TO"})

    assert Settings() == settings


def test_an_unknown_key_of_the_file_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    write_file(tmp_path, "prot = 1\n")

    with pytest.raises(SettingUnknown, match=r"prot in .*acuse\.toml.*port"):
        Settings.load({"home": tmp_path}, {})


@pytest.mark.parametrize("line", ['master_key = "x"', 'home = "elsewhere"'])
def test_what_may_not_stand_in_the_file_is_refused_there(tmp_path: Path, line: str) -> None:
    write_file(tmp_path, line)

    with pytest.raises(SettingUnknown):
        Settings.load({"home": tmp_path}, {})


def test_the_master_key_may_not_be_a_flag() -> None:
    with pytest.raises(SettingUnknown):
        Settings.load({"master_key": "x"}, {})


def test_an_empty_variable_counts_as_not_set() -> None:
    assert 8080 == Settings.load({}, {"ACUSE_PORT": " "}).port


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "80x"),
        ("HOST", "a\nb"),
        ("URL", "as2.example.com"),
        ("URL", "ftp://example.com"),
        ("URL", "http://user@example.com"),
        ("URL", "http://example.com:99999"),
        ("ROLE", "boss"),
        ("TRUSTED_PROXY", "10.0.0.0/33"),
        ("TRUSTED_PROXY", "everyone"),
        ("ALLOW_PRIVATE_NETWORKS", "maybe"),
        ("MAX_BODY", "0"),
        ("MAX_BODY", "2 GB or so"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"ACUSE_{name} must be "):
        Settings.load({}, {f"ACUSE_{name}": value})


@pytest.mark.parametrize("line", ["port = 1.5", 'port = ""', "port = true", "max_body = true", "trusted_proxy = 10"])
def test_a_value_of_the_wrong_type_in_the_file_is_refused(tmp_path: Path, line: str) -> None:
    write_file(tmp_path, line)

    with pytest.raises(SettingInvalid, match=line.split(maxsplit=1)[0]):
        Settings.load({"home": tmp_path}, {})


def test_a_file_that_is_not_toml_is_refused_by_its_path(tmp_path: Path) -> None:
    write_file(tmp_path, "port: 8080")

    with pytest.raises(SettingInvalid, match=r"acuse\.toml"):
        Settings.load({"home": tmp_path}, {})


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(SettingInvalid) as refused:
        Settings.load({}, {"ACUSE_ROLE": "s3cret"})

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", ["tls_certificate", "tls_key"])
def test_a_certificate_without_its_key_is_refused(name: str) -> None:
    with pytest.raises(SettingInvalid, match="needed too"):
        Settings.load({name: "/x.pem"}, {})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"host": "0.0.0.0", "port": 9}, "http://127.0.0.1:9"),
        ({"host": "::", "port": 9}, "http://[::1]:9"),
        ({"host": "fd00::1", "port": 9}, "http://[fd00::1]:9"),
        ({"port": 9, "tls_certificate": "/c", "tls_key": "/k"}, "https://127.0.0.1:9"),
        ({"port": 9, "url": "https://as2.example.com/gateway/"}, "https://as2.example.com/gateway"),
    ],
)
def test_the_url_is_made_from_host_and_port_unless_it_is_given(given: dict[str, object], url: str) -> None:
    assert url == Settings.load(given, {}).url


@pytest.mark.parametrize(
    "line", ['content_types = "Application/EDI-X12, text/*"', 'content_types = ["application/edi-x12", "text/*"]']
)
def test_media_types_are_a_list_or_separated_by_commas(tmp_path: Path, line: str) -> None:
    write_file(tmp_path, line)

    assert ("application/edi-x12", "text/*") == Settings.load({"home": tmp_path}, {}).content_types


@pytest.mark.parametrize(
    "line", ["content_types = []", 'content_types = "text"', 'content_types = "*/*"', 'content_types = "a/b; c=d"']
)
def test_what_is_no_media_type_is_refused(tmp_path: Path, line: str) -> None:
    write_file(tmp_path, line)

    with pytest.raises(SettingInvalid, match="media types separated by commas"):
        Settings.load({"home": tmp_path}, {})


@pytest.mark.parametrize("name", ["mail_domain", "smarthost_host"])
def test_mail_that_leaves_needs_a_name_and_a_smarthost_a_place(name: str) -> None:
    environ = {"ACUSE_MAIL": "smarthost", "ACUSE_MAIL_DOMAIN": "Mail.Example.com.", "ACUSE_SMARTHOST_HOST": "relay"}
    assert "mail.example.com" == Settings.load({}, environ).mail_domain

    with pytest.raises(SettingInvalid, match=name):
        Settings.load({}, {key: value for key, value in environ.items() if key != f"ACUSE_{name.upper()}"})


@pytest.mark.parametrize(
    ("name", "value"), [("MAIL", "pigeon"), ("MAIL_DOMAIN", "a b"), ("BOUNCE_WAIT", "-1"), ("NOTICE_CREDITS", "many")]
)
def test_a_wrong_setting_of_mail_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=f"ACUSE_{name}"):
        Settings.load({}, {f"ACUSE_{name}": value})
