"""HTML from outside: nothing runs, nothing is fetched, and what people write stays."""

import pytest

from acuse.mail import html_from_text, looks_like_html, sanitise, text_from_html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=https://elsewhere.example/pixel.gif>",
        '<img src="data:image/png;base64,AAAA">',
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">here</a>',
        '<a href="cid:part1">here</a>',
        '<p style="background-image:url(https://elsewhere.example/x)">text</p>',
        '<p style="background-color:red;color:url(https://elsewhere.example/x)">text</p>',
        "<link rel=stylesheet href=https://elsewhere.example/x.css>",
        "<style>@import 'https://elsewhere.example/x.css'</style>",
        "<form action=https://elsewhere.example><input name=a></form>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe src=https://elsewhere.example></iframe>",
        "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
        "<base href=https://elsewhere.example>",
        "<video poster=https://elsewhere.example/x.png></video>",
        '<table background="https://elsewhere.example/x.png"><tr><td>a</table>',
    ],
)
def test_what_would_run_or_be_fetched_is_gone(hostile: str) -> None:
    clean = sanitise(hostile).lower()
    assert not [word for word in ("elsewhere", "script", "onerror", "cid:", "data:", "<form", "url(") if word in clean]


def test_an_ordinary_message_stays_as_it_was() -> None:
    html = (
        '<p style="color:red">Hola <b>Ana</b></p><table border="1"><tr><td colspan="2">1</td></tr></table>'
        '<img src="cid:logo" alt="logo"><a href="https://example.com/a">link</a>'
    )
    clean = sanitise(html)
    for kept in ('style="color:red"', "<b>Ana</b>", 'colspan="2"', 'src="cid:logo"', 'href="https://example.com/a"'):
        assert kept in clean


@pytest.mark.parametrize(
    ("text", "is_html"), [("a < b > c", False), ("<br>", True), ("x<b>y", True), ("<ana@x.es>", False)]
)
def test_html_is_told_from_text(text: str, is_html: bool) -> None:
    assert is_html is looks_like_html(text)


def test_text_becomes_paragraphs_and_is_escaped() -> None:
    assert "<p>Hola &lt;Ana&gt;<br>dos</p><p>tres</p>" == html_from_text("Hola <Ana>\r\ndos\n \ntres\n")


def test_html_becomes_readable_text() -> None:
    text = text_from_html("<p>Hola <b>Ana</b></p><table><tr><td>uno</td><td>dos</td></tr></table>")
    assert ["Hola", "Ana", "uno", "dos"] == text.split()
