"""MIME entities byte for byte as they arrived, read as streams with bounds.

Rule: no body is ever held whole, and no byte of a partner is changed on the way to a signature or a hash.
"""

from acuse.mime.entity import Entity, open_entity
from acuse.mime.errors import ContentTooLarge, HeadersTooLarge, MimeError, MultipartBroken, TransferEncodingBroken
from acuse.mime.filename import attachment_disposition, decode_words, filename_of
from acuse.mime.headers import Headers, field_text
from acuse.mime.media_type import MediaType
from acuse.mime.multipart import read_parts
from acuse.mime.source import CHUNK, Joined, Literal, Reader, Scratch, Source
from acuse.mime.streams import Hash, Hashing, PieceReader, copy, drain, read_all
from acuse.mime.transfer import Base64, base64_lines, decode_transfer

__all__ = [
    "CHUNK",
    "Base64",
    "ContentTooLarge",
    "Entity",
    "Hash",
    "Hashing",
    "Headers",
    "HeadersTooLarge",
    "Joined",
    "Literal",
    "MediaType",
    "MimeError",
    "MultipartBroken",
    "PieceReader",
    "Reader",
    "Scratch",
    "Source",
    "TransferEncodingBroken",
    "attachment_disposition",
    "base64_lines",
    "copy",
    "decode_transfer",
    "decode_words",
    "drain",
    "field_text",
    "filename_of",
    "open_entity",
    "read_all",
    "read_parts",
]
