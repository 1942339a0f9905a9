"""E-mail addresses: strict, and never repaired into somebody else's."""

import pytest

from acuse.mail import AddressInvalid, read_address


@pytest.mark.parametrize(
    ("given", "sent_to"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  Ana.Lopez+edi@Example.COM ", "Ana.Lopez+edi@example.com"),
        ("ana@exámple.com", "ana@xn--exmple-qta.com"),
    ],
)
def test_an_address_is_kept_as_given_and_sent_to_in_ascii(given: str, sent_to: str) -> None:
    address = read_address(given)
    assert (given.strip(), sent_to) == (address.given, address.text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example.com, evil@example.net",
        "ana@example.com\r\nRCPT TO:<evil@example.net>",
        "ana@example.com\x00",
        "Ana <ana@example.com>",
        '"ana lopez"@example.com',
        "ana@[192.0.2.1]",
        "ana@localhost",
        "josé@example.com",
        "a" * 65 + "@example.com",
        "ana@" + "d" * 250 + ".com",
    ],
)
def test_what_is_not_one_plain_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        read_address(text)
