"""The proof: what is known about one notice, as a PDF that a person can read without us.

Rule: it says what was observed ("the server mx.example.net answered 250 …"), never what is concluded from it, and its
first page says that it is not sealed. The same facts give the same bytes: nothing in it comes from the moment of
writing. Text from outside is text: it reaches the page escaped.
"""

import html
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from ttf_opensans import OPENSANS_BOLD, OPENSANS_REGULAR

from acuse.evidence.fact import URI, Strength
from acuse.evidence.journal import Entry

NOT_SEALED = "NOT SEALED / non-qualified"
_EXPLAINED = (
    "This document lists what this gateway observed. It bears no electronic seal and no time stamp of a third party, "
    "and the gateway is not a qualified trust service provider."
)
_STRENGTHS: Mapping[int, str] = {
    Strength.INTERNAL: "noted by this gateway itself",
    Strength.MACHINE: "a signal that a machine can give",
    Strength.REMOTE_SERVER: "stated by another server",
    Strength.HUMAN: "a person acted on our page",
    Strength.HUMAN_SECOND_CHANNEL: "a person acted after a code on a second channel",
    Strength.HUMAN_CERTIFICATE: "a person acted after showing a certificate",
}
_CHECK = (
    "Each fact is a record in canonical JSON (RFC 8785). Its hash is SHA-256 over a zero byte and the record, in UTF-8 "
    "and without line breaks. “previous” holds the hash of the record before it; 64 zeros stand before the first. "
    "A changed, missing or inserted record breaks this chain. The records in full:"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSheet:
    """What stands on a proof besides the journal."""

    title: str
    summary: Sequence[tuple[str, str]]
    """Labels with their values, for the first page."""
    hashes: Sequence[tuple[str, str]]
    """What was hashed, and its SHA-256 in hex."""
    journal: Sequence[Entry]


def write_proof(sheet: ProofSheet) -> bytes:
    """The PDF; the same bytes for the same sheet."""
    styles, file = _styles(), io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=sheet.title,
        author="acuse",
        invariant=1,
    )
    document.build(list(_story(sheet, styles)), onFirstPage=_draw_foot, onLaterPages=_draw_foot)
    return file.getvalue()


def told(record: Mapping[str, object]) -> list[str]:
    """What a record says, in sentences for people: what was observed, and by whom."""
    transport = record.get("transport")
    reasons = record.get("EventReasons")
    lines = [str(reason) for reason in reasons] if isinstance(reasons, list) else []
    if not isinstance(transport, dict):
        return lines
    if transport.get("captured"):
        return [*lines, "Kept in the captured mailbox of this gateway; no server was contacted."]
    server = transport.get("server") or transport.get("address")
    if server is None:
        return [*lines, "No server was reached."]
    where = f"The server {server} ({transport.get('address') or 'address not known'})"
    said = [f"{where} answered: {line}" for line in lines]
    tls = transport.get("tls")
    version = tls.get("version") if isinstance(tls, dict) else None
    return [*said, f"The connection was encrypted with {version}." if version else "The connection was not encrypted."]


def _story(sheet: ProofSheet, styles: Mapping[str, ParagraphStyle]) -> Iterator[Flowable]:
    yield Paragraph(_shown(sheet.title), styles["title"])
    yield Paragraph(NOT_SEALED, styles["banner"])
    yield Paragraph(_EXPLAINED, styles["small"])
    yield Spacer(0, 5 * mm)
    yield from _listed(sheet.summary, styles)
    yield Paragraph("What was hashed (SHA-256)", styles["heading"])
    yield from _listed(sheet.hashes, styles)
    yield Paragraph("What was observed", styles["heading"])
    records = [json.loads(entry.record) for entry in sheet.journal]
    for position, (entry, record) in enumerate(zip(sheet.journal, records, strict=True), start=1):
        kind = str(record.get("ERDSEventId", "")).removeprefix(URI)
        heading = f"{position}. {record.get('EventTime')} – {kind}"
        yield Paragraph(_shown(heading), styles["fact"])
        for line in told(record):
            yield Paragraph(_shown(line), styles["body"])
        strength = _STRENGTHS.get(record.get("strength", -1), "of a strength that is not known")
        yield Paragraph(_shown(f"How strong: {strength}. Hash: {entry.hash}"), styles["small"])
    yield Paragraph("How to check it", styles["heading"])
    yield Paragraph(_shown(_CHECK), styles["body"])
    for entry in sheet.journal:
        yield Paragraph(_shown(entry.record.decode()), styles["record"])


def _listed(rows: Sequence[tuple[str, str]], styles: Mapping[str, ParagraphStyle]) -> Iterator[Flowable]:
    """Paragraphs and no table: a cell that is longer than a page finds no place."""
    for label, value in rows:
        yield Paragraph(_shown(label), styles["label"])
        yield Paragraph(_shown(value), styles["value"])


def _draw_foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(_font(OPENSANS_REGULAR.name), 8)
    canvas.setFillColor(HexColor("#606060"))
    canvas.drawString(20 * mm, 12 * mm, NOT_SEALED)
    canvas.drawRightString(190 * mm, 12 * mm, str(document.page))
    canvas.restoreState()


def _shown(text: str) -> str:
    """The text as the layout takes it; a character that the font lacks is named by its number."""
    known = _characters()
    return html.escape("".join(sign if ord(sign) in known else f"[U+{ord(sign):04X}]" for sign in text))


@cache
def _characters() -> frozenset[int]:
    return frozenset(TTFont(OPENSANS_REGULAR.name, str(OPENSANS_REGULAR.path)).face.charToGlyph)


@cache
def _font(name: str) -> str:
    path = {font.name: font.path for font in (OPENSANS_REGULAR, OPENSANS_BOLD)}[name]
    registerFont(TTFont(name, str(path)))
    return name


@cache
def _styles() -> Mapping[str, ParagraphStyle]:
    plain, bold = _font(OPENSANS_REGULAR.name), _font(OPENSANS_BOLD.name)
    body = ParagraphStyle("body", fontName=plain, fontSize=9, leading=12, splitLongWords=1)
    return {
        "title": ParagraphStyle("title", fontName=bold, fontSize=16, leading=20, spaceAfter=4 * mm),
        "banner": ParagraphStyle(
            "banner",
            fontName=bold,
            fontSize=12,
            leading=16,
            alignment=TA_CENTER,
            textColor=HexColor("#8a1c00"),
            borderColor=HexColor("#8a1c00"),
            borderWidth=1,
            borderPadding=4,
            spaceBefore=2 * mm,
            spaceAfter=4 * mm,
        ),
        "heading": ParagraphStyle(
            "heading", fontName=bold, fontSize=11, leading=14, spaceBefore=6 * mm, spaceAfter=2 * mm
        ),
        "fact": ParagraphStyle("fact", fontName=bold, fontSize=9, leading=12, spaceBefore=3 * mm),
        "label": ParagraphStyle("label", parent=body, fontSize=7.5, leading=10, textColor=HexColor("#505050")),
        "value": ParagraphStyle("value", parent=body, spaceAfter=1.5 * mm),
        "body": body,
        "small": ParagraphStyle("small", parent=body, fontSize=7.5, leading=10, textColor=HexColor("#505050")),
        "record": ParagraphStyle("record", parent=body, fontSize=6.5, leading=8.5, spaceBefore=2 * mm),
    }
