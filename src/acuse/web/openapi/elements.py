"""HTML as a tree, so that nothing in a description can be taken for markup; and the little Markdown of descriptions."""

import re
from xml.etree.ElementTree import Element, tostring

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")


def tag(kind: str, /, *children: Element | str, **attributes: str) -> Element:
    """An element; `class_` is written without its underscore."""
    made = Element(kind, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()})
    for child in children:
        _append(made, child)
    return made


def rich(text: str) -> list[Element | str]:
    """A line with `code` and **strong** words."""
    found: list[Element | str] = []
    end = 0
    for part in _INLINE.finditer(text):
        found.append(text[end : part.start()])
        found.append(tag("code", part[1]) if part[1] else tag("strong", part[2] or ""))
        end = part.end()
    return [piece for piece in (*found, text[end:]) if piece != ""]


def paragraphs(text: str) -> list[Element]:
    """Paragraphs, which blank lines part."""
    return [tag("p", *rich(part.strip())) for part in text.split("\n\n") if part.strip()]


def table(heads: tuple[str, ...], rows: list[Element]) -> Element:
    """A table that scrolls by itself where the screen is narrow."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in heads)))
    return tag("div", tag("table", head, tag("tbody", *rows)), class_="wide")


def html_page(root: Element) -> bytes:
    """The page as it is served."""
    return ("<!doctype html>\n" + tostring(root, encoding="unicode", method="html")).encode()


def _append(parent: Element, child: Element | str) -> None:
    if not isinstance(child, str):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child
    else:
        parent.text = (parent.text or "") + child
