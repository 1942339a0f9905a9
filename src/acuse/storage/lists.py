"""Lists of messages, whose conditions are put together at run time: the same statements on every database."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, and_, false, func, or_, select

from acuse.domain.account import Space
from acuse.domain.message import Message
from acuse.ports import MessageFilter, MessageView, Page
from acuse.storage import tables
from acuse.storage.columns import micros
from acuse.storage.directory import DirectoryReader
from acuse.storage.rows import read_message

_message = tables.message.c
Condition = ColumnElement[bool]


def message_page(
    connection: Connection, directory: DirectoryReader, space: Space, wanted: MessageFilter, *, limit: int, offset: int
) -> Page:
    """A part of the messages that a filter lets through, newest first, and how many there are in all."""
    found = [
        read_message(row) for row in connection.execute(select_messages(space, wanted, limit=limit, offset=offset))
    ]
    total = connection.execute(count_messages(space, wanted)).scalar_one()
    return Page(rows=_views(directory, found), total=total)


def select_messages(space: Space, wanted: MessageFilter, *, limit: int, offset: int) -> Select[Any]:
    """The rows of a page, newest first."""
    newest_first = (_message.created_at.desc(), _message.handle.desc())
    conditions = _conditions(space, wanted)
    return select(tables.message).where(*conditions).order_by(*newest_first).limit(limit).offset(offset)


def count_messages(space: Space, wanted: MessageFilter) -> Select[int]:
    """How many rows all the pages have."""
    return select(func.count()).select_from(tables.message).where(*_conditions(space, wanted))


def _views(directory: DirectoryReader, messages: list[Message]) -> tuple[MessageView, ...]:
    stations = directory.stations_by_id(message.station_id.bytes for message in messages)
    partners = directory.partners_by_id(message.partner_id.bytes for message in messages)
    return tuple(
        MessageView(message=message, station=stations[message.station_id], partner=partners[message.partner_id])
        for message in messages
    )


def _conditions(space: Space, wanted: MessageFilter) -> list[Condition]:
    possible = (
        _message.tenant_id == _tenant_of(space),
        _message.mode == space.mode.value,
        _equals(_message.partner_id, _bytes(wanted.partner_id)),
        _equals(_message.direction, wanted.direction),
        _any_state(wanted),
        None if wanted.created_from is None else _message.created_at >= micros(wanted.created_from),
        None if wanted.created_to is None else _message.created_at < micros(wanted.created_to),
        None if wanted.content_type is None else _of_type(wanted.content_type),
        None if wanted.search is None else _mentions(wanted.search),
        _equals(_message.is_signed, wanted.is_signed),
        _equals(_message.is_encrypted, wanted.is_encrypted),
        None if wanted.has_problem is None else _message.problem.is_not(None) == wanted.has_problem,
    )
    return [condition for condition in possible if condition is not None]


def _tenant_of(space: Space) -> ScalarSelect[Any]:
    """The tenant, if it is the account's. Asked once, so that rows can be counted in an index that has no account."""
    table = tables.tenant
    its_own = (table.c.id == space.tenant_id.bytes, table.c.account_id == space.account_id.bytes)
    return select(table.c.id).where(*its_own).scalar_subquery()


def _equals(column: ColumnElement[Any], value: object) -> Condition | None:
    return None if value is None else column == value


def _bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _any_state(wanted: MessageFilter) -> Condition | None:
    if wanted.states is None:
        return None
    states = (
        and_(
            _message.transmission == transmission.value,
            _message.receipt == receipt.value,
            _message.receipt_is_late == is_late,
        )
        for transmission, receipt, is_late in wanted.states
    )
    return or_(false(), *states)


def _of_type(content_type: str) -> Condition:
    """A media type with or without parameters behind it."""
    stored, media_type = func.lower(_message.content_type), content_type.lower()
    return or_(stored == media_type, stored.startswith(f"{media_type};", autoescape=True))


def _mentions(text: str) -> Condition:
    part = text.lower()
    return or_(
        func.lower(_message.subject).contains(part, autoescape=True),
        func.lower(_message.wire_id).contains(part, autoescape=True),
    )
