"""The ZIP of a certificate: `<idMensaje>_<email>.pdf`, and `resultado.csv` with one line for the recipient.

The same facts give the same bytes. Rule: no cell of the CSV begins like a formula, since spreadsheets carry those out.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from acuse.domain.notice import Passage
from acuse.evidence import Entry, FactKind
from acuse.ports import NoticeView
from acuse.services.issue_proof import Proof
from acuse.web.dialects.mensatek.codes import ESTADO_TEXTS, estado
from acuse.web.dialects.mensatek.moments import to_seconds

COLUMNS = (
    "idMensaje",
    "Nombre",
    "Email",
    "Asunto",
    "Enviado",
    "Entregado",
    "Abierto",
    "Leido",
    "Aceptado",
    "Rechazado",
    "Estado",
    "txtEstado",
    "CSV",
    "SHA256",
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment that a ZIP can write: the time of asking is no fact."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9@._+-]")


def zip_proof(view: NoticeView, proof: Proof, journal: Sequence[Entry]) -> bytes:
    """The archive."""
    address = _NOT_IN_A_NAME.sub("_", view.notice.recipient.address)
    archive = io.BytesIO()
    with ZipFile(archive, "w") as file:
        _put(file, f"{view.notice.handle}_{address}.pdf", proof.pdf)
        _put(file, "resultado.csv", _table(view, proof, journal))
    return archive.getvalue()


def _put(file: ZipFile, name: str, content: bytes) -> None:
    entry = ZipInfo(name, date_time=_LONG_AGO)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    file.writestr(entry, content)


def _table(view: NoticeView, proof: Proof, journal: Sequence[Entry]) -> bytes:
    notice, number = view.notice, estado(view.notice)
    line = (
        str(notice.handle),
        notice.recipient.name,
        notice.recipient.address,
        notice.subject,
        _written(notice.handed_over_at),
        _written(notice.certified_at if notice.passage is Passage.DELIVERED else None),
        _first(journal, FactKind.NOTIFICATION_ACCESS_TRACKING),
        _first(journal, FactKind.CONTENT_HANDOVER),
        _first(journal, FactKind.CONSIGNMENT_ACCEPTANCE),
        _first(journal, FactKind.CONSIGNMENT_REJECTION),
        str(number),
        ESTADO_TEXTS[number],
        "",
        proof.sha256,
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    writer.writerow([_harmless(cell) for cell in line])
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _first(journal: Sequence[Entry], kind: FactKind) -> str:
    """When that was first observed, in Spanish time; empty where it was not."""
    for entry in journal:
        record = json.loads(entry.record)
        if str(record["ERDSEventId"]).endswith(f"/{kind.value}"):
            return to_seconds(datetime.fromisoformat(record["EventTime"]))
    return ""


def _written(moment: datetime | None) -> str:
    return "" if moment is None else to_seconds(moment)
