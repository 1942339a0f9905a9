"""The media types that the operator lets through."""

from collections.abc import Sequence

from acuse.errors import InvalidContentType


def check_content_type(content_type: str, accepted: Sequence[str]) -> None:
    """Raises InvalidContentType for what is none of those accepted, in lower case and `text/*` being all of that kind;
    none accepted: any.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if accepted and not {media_type, f"{media_type.partition('/')[0]}/*"} & set(accepted):
        told = f"{content_type[:128]!a} is none of the content types that this gateway takes: {', '.join(accepted)}."
        raise InvalidContentType(told, content_type=content_type[:128], accepted=list(accepted))
