"""HTML that came from outside, made harmless; and the text part that every message has.

Nothing remote stays: an image that is fetched when the message is opened would make what was read differ from what was
hashed, and would tell somebody else that it was opened.
"""

import html as markup
import re
from typing import Final

import nh3
from inscriptis import get_text

_TAG: Final = re.compile(r"<(?:!doctype|[a-z][a-z0-9]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)

_TAGS: Final = frozenset(
    """
    a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em figure figcaption font h1 h2
    h3 h4 h5 h6 hr i img ins li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt
    u ul
    """.split()  # noqa: SIM905 - a list of names reads best as words
)
_EVERYWHERE: Final = {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"}
_ATTRIBUTES: Final = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "ol": {"start", "type"},
}
_STYLES: Final = frozenset(
    """
    background-color border border-bottom border-collapse border-color border-left border-radius border-right
    border-spacing border-style border-top border-width color display font-family font-size font-style font-weight
    height letter-spacing line-height margin margin-bottom margin-left margin-right margin-top max-width min-width
    padding padding-bottom padding-left padding-right padding-top text-align text-decoration text-transform
    vertical-align white-space width
    """.split()  # noqa: SIM905 - a list of names reads best as words
)
_REMOVED_WHOLE: Final = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
)


def looks_like_html(text: str) -> bool:
    """Whether a text holds a tag, so that it is meant as HTML."""
    return _TAG.search(text) is not None


def sanitise(text: str) -> str:
    """HTML without scripts, forms, handlers and whatever would be fetched; images only with `cid:`."""
    return nh3.clean(
        text,
        tags=set(_TAGS),
        clean_content_tags=set(_REMOVED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_keep,
        filter_style_properties=set(_STYLES),
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    )


def html_from_text(text: str) -> str:
    """Plain text as HTML: paragraphs at blank lines, breaks at line ends."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{markup.escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)


def text_from_html(text: str) -> str:
    """What a reader without HTML sees."""
    text_only: str = get_text(text)
    return text_only.strip() + "\n"


def _keep(tag: str, attribute: str, value: str) -> str | None:
    is_image, is_enclosed = tag == "img", value.lower().startswith("cid:")
    if attribute in {"src", "href"} and is_image is not is_enclosed:
        return None
    # A style may name an address in a value; the properties that are kept have no use for one.
    return None if attribute == "style" and "url" in value.lower() else value
