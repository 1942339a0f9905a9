"""Content-Type values as products of the field write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mime import MediaType, MimeError


@pytest.mark.parametrize(
    ("value", "media_type", "parameters"),
    [
        ("text/plain", "text/plain", {}),
        ("Application/PKCS7-Signature;name=EDIINTSIG.p7s", "application/pkcs7-signature", {"name": "EDIINTSIG.p7s"}),
        ("a/b;X=1;\ty = 2 ; z=3;", "a/b", {"x": "1", "y": "2", "z": "3"}),
        ('a/b; x="q; r=\\"s\\\\" ; y=1', "a/b", {"x": 'q; r="s\\', "y": "1"}),
        ("multipart/signed; boundary=----=_Part_1=_; micalg=sha-256", "multipart/signed",
         {"boundary": "----=_Part_1=_", "micalg": "sha-256"}),
        ('a/b; x="unterminated', "a/b", {"x": "unterminated"}),
        ('a/b; x=""; y=1', "a/b", {"x": "", "y": "1"}),
        ("a/b; flag; y=1", "a/b", {"flag": "", "y": "1"}),
        ("a/b; x=1; X=2", "a/b", {"x": "1"}),
        ("a/b;;; ; x=1;;", "a/b", {"x": "1"}),
        ('a/b; x="1" garbage; y=2', "a/b", {"x": "1", "y": "2"}),
        ("a / b", "a/b", {}),
        ("a/b; name=my file.txt", "a/b", {"name": "my file.txt"}),
        ("a/b; n*=utf-8'en'%e2%82%ac%20rates", "a/b", {"n": "€ rates"}),
        ("a/b; n*=ISO-8859-1''%fcber; n=plain", "a/b", {"n": "über"}),
        ("a/b; n*1=world; n*0=\"hello \"", "a/b", {"n": "hello world"}),
        ("a/b; n*0*=utf-8''%c3; n*1*=%bc; n*2=%20", "a/b", {"n": "ü%20"}),
        ("a/b; n*=nonsense''%fc", "a/b", {"n": "ü"}),
        ("a/b; n*=100%25", "a/b", {"n": "100%"}),
    ],
)  # fmt: skip
def test_a_media_type_is_read_in_all_its_spellings(value: str, media_type: str, parameters: dict[str, str]) -> None:
    parsed = MediaType.parse(value)

    assert media_type == parsed.value
    assert parameters == parsed.parameters


def test_what_the_partner_wrote_is_kept_beside_the_lower_case_form() -> None:
    parsed = MediaType.parse("Application/EDI-X12; Charset=UTF-8")

    assert "Application/EDI-X12" == parsed.original
    assert "application/edi-x12" == parsed.value
    assert "UTF-8" == parsed.get("CHARSET")
    assert parsed.get("boundary") is None


@pytest.mark.parametrize("value", ["", "text", "/plain", "text/", "a b/c", "; x=1", "text/plain, text/html", '"a"/b'])
def test_a_value_without_type_and_subtype_is_refused(value: str) -> None:
    with pytest.raises(MimeError):
        MediaType.parse(value)


@given(tail=st.text("abc;=*\"\\ \t'%0129é"))
def test_no_parameters_make_reading_fail(tail: str) -> None:
    assert "a/b" == MediaType.parse("a/b;" + tail).value


def test_a_long_run_of_anything_is_read_in_no_time() -> None:
    for run in (" ", ";", '"', "\\", "a", "=", "'", "*0*=", 'x="\\'):
        MediaType.parse("a/b;" + run * 60_000)
        MediaType.parse("a/b;" + run * 60_000 + "=")
