"""The demo's documents are what they say: their envelopes close and their counts and totals are right."""

from decimal import Decimal
from importlib.resources import files

import pytest

SAMPLES = files("acuse.web.api.samples")


def segments_of_x12() -> list[list[str]]:
    text = (SAMPLES / "order-850.x12").read_bytes().decode("ascii")
    assert "*" == text[3]
    return [segment.strip("\n").split("*") for segment in text.split("~") if segment.strip()]


def segments_of_edifact() -> list[list[list[str]]]:
    text = (SAMPLES / "invoice-d96a.edi").read_bytes().decode("latin-1")
    assert text.startswith("UNA:+.? '")
    assert "?" not in text.removeprefix("UNA:+.? '")
    segments = text.removeprefix("UNA:+.? '").split("'")
    return [[part.split(":") for part in segment.strip().split("+")] for segment in segments if segment.strip()]


def test_the_order_has_the_header_of_fixed_width() -> None:
    start = (SAMPLES / "order-850.x12").read_bytes()[:106]

    assert b"~" == start[105:]
    assert [3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1] == [len(part) for part in start[:105].split(b"*")]


def test_the_orders_envelopes_close_with_right_counts() -> None:
    segments = segments_of_x12()
    names = [segment[0] for segment in segments]

    assert ["ISA", "GS", "ST"] == names[:3]
    assert ["SE", "GE", "IEA"] == names[-3:]
    assert segments[2][1] == "850"
    assert [str(names.index("SE") - names.index("ST") + 1), segments[2][2]] == segments[-3][1:]
    assert ["1", segments[1][6]] == segments[-2][1:]
    assert ["1", segments[0][13]] == segments[-1][1:]


def test_the_orders_totals_are_those_of_its_lines() -> None:
    segments = segments_of_x12()
    lines = [segment for segment in segments if segment[0] == "PO1"]
    totals = {segment[0]: segment for segment in segments}

    assert [str(number) for number in range(1, len(lines) + 1)] == [line[1] for line in lines]
    assert ["CTT", str(len(lines)), str(sum(int(line[2]) for line in lines))] == totals["CTT"]
    assert sum(int(line[2]) * Decimal(line[4]) for line in lines) == Decimal(totals["AMT"][2])
    assert len(segments) > 200


def test_the_invoices_envelopes_close_with_right_counts() -> None:
    segments = segments_of_edifact()
    names = [segment[0][0] for segment in segments]

    assert ["UNB", "UNH"] == names[:2]
    assert ["UNT", "UNZ"] == names[-2:]
    assert ["INVOIC", "D", "96A", "UN"] == segments[1][2][:4]
    assert [[str(names.index("UNT") - names.index("UNH") + 1)], segments[1][1]] == segments[-2][1:]
    assert [["1"], segments[0][5]] == segments[-1][1:]


def test_the_invoices_totals_are_those_of_its_lines() -> None:
    segments = segments_of_edifact()
    amounts = [segment[1] for segment in segments if segment[0] == ["MOA"]]
    counts = {segment[1][0]: segment[1][1] for segment in segments if segment[0] == ["CNT"]}
    lines = [segment for segment in segments if segment[0] == ["LIN"]]
    quantities = [int(segment[1][1]) for segment in segments if segment[0] == ["QTY"]]
    prices = [Decimal(segment[1][1]) for segment in segments if segment[0] == ["PRI"]]
    total = sum(Decimal(amount) for kind, amount in amounts if kind == "203")

    assert {"1": str(sum(quantities)), "2": str(len(lines))} == counts
    assert total == sum(quantity * price for quantity, price in zip(quantities, prices, strict=True))
    assert {total} == {Decimal(amount) for kind, amount in amounts if kind in ("77", "79", "125")}


def test_the_invoice_bills_what_was_ordered() -> None:
    ordered = [(line[7], line[2], line[4]) for line in segments_of_x12() if line[0] == "PO1"]
    invoice = segments_of_edifact()
    billed = zip(
        [segment[3][0] for segment in invoice if segment[0] == ["LIN"]],
        [segment[1][1] for segment in invoice if segment[0] == ["QTY"]],
        [segment[1][1] for segment in invoice if segment[0] == ["PRI"]],
        strict=True,
    )

    assert ordered == list(billed)


@pytest.mark.parametrize("number", [line[7] for line in segments_of_x12() if line[0] == "PO1"])
def test_article_numbers_have_the_right_check_digit(number: str) -> None:
    weighted = sum(int(digit) * weight for digit, weight in zip(number, (1, 3) * 7, strict=False))

    assert 13 == len(number)
    assert 0 == weighted % 10


def test_line_ends_and_letters_are_such_that_careless_software_changes_them() -> None:
    order, invoice = ((SAMPLES / name).read_bytes() for name in ("order-850.x12", "invoice-d96a.edi"))

    assert b"~\n" in order
    assert b"\r" not in order
    assert invoice.count(b"\n") == invoice.count(b"\r\n")
    with pytest.raises(UnicodeDecodeError):
        invoice.decode("utf-8")


def test_the_small_invoice_and_order_close_with_right_counts() -> None:
    invoice = [
        segment.strip("\n").split("*")
        for segment in (SAMPLES / "invoice-810.x12").read_bytes().decode("ascii").split("~")
        if segment.strip()
    ]
    order = (SAMPLES / "orders-d96a.edi").read_bytes().decode("ascii").split("'\n")[1:-1]
    closing = {segment[0]: segment[1:] for segment in invoice}
    lines = [segment for segment in invoice if segment[0] == "IT1"]

    inside = invoice[2:-2]
    assert ("ST", "SE", [str(len(inside)), "0001"]) == (inside[0][0], inside[-1][0], inside[-1][1:])
    assert (["1", "207"], ["1", "000000207"]) == (closing["GE"], closing["IEA"])
    assert Decimal(closing["TDS"][0]) / 100 == sum(Decimal(line[2]) * Decimal(line[4]) for line in lines)
    assert f"UNT+{len(order) - 2}+1" == order[-2]
    assert "CNT+2:3" in order
