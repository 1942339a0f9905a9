"""Lists of messages, whose conditions are put together at run time: the same statements on every database.

Rule: a page costs the same however many messages there are. Its rows come from an index that has their order; how many
there are in all is added up from the counts by kind, which the database keeps as messages are written. Only where
times, types or words are asked for are the rows themselves counted, and then no further than `COUNTED`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnCollection,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from acuse.as2.identifiers import bare_message_id
from acuse.domain.account import Space
from acuse.domain.message import Message, ReceiptState, Transmission
from acuse.ports import ListPosition, MessageFilter, MessageView, Page
from acuse.storage import tables
from acuse.storage.columns import micros
from acuse.storage.directory import DirectoryReader
from acuse.storage.rows import read_message

COUNTED = 5_000
"""How far rows are counted where counts by kind do not serve."""

_message = tables.message.c
_mark = tables.message_mark.c
_count = tables.message_count.c
_NEWEST_FIRST = (_message.created_at.desc(), _message.handle.desc())
_OLDEST_FIRST = (_message.created_at, _message.handle)
_is_unanswered = func.coalesce(_message.problem, "").contains('"awaited":"answer"', autoescape=True)
# Made by the database itself from what is written, so no row is read or written with them.
_media_type: ColumnElement[str] = literal_column("message.media_type")
_has_problem: ColumnElement[bool] = literal_column("message.has_problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What an index of words proposes for one space."""

    ids: tuple[bytes, ...]
    is_all: bool
    """False: there are more, and these are the newest."""

    def serves(self, wanted: MessageFilter, *, rows: int, behind: ListPosition | None) -> bool:
        """Whether the first so many rows of the list are among them."""
        is_only_searched = wanted == MessageFilter(search=wanted.search) and behind is None
        return self.is_all or (is_only_searched and 2 * rows <= len(self.ids))


Condition = ColumnElement[bool]
State = tuple[Transmission, ReceiptState, bool]


def message_page(
    connection: Connection,
    directory: DirectoryReader,
    space: Space,
    wanted: MessageFilter,
    *,
    limit: int,
    offset: int,
    behind: ListPosition | None = None,
    oldest_first: bool = False,
    proposed: Proposed | None = None,
) -> Page:
    """A part of the messages that a filter lets through, and how many there are in all.

    `proposed` is what may contain the words that are searched; None: all has to be looked through.
    """
    if wanted.states is not None:
        wanted = replace(wanted, states=_states_there(connection, space, wanted))
    rows = offset + limit
    ids = proposed.ids if proposed is not None and proposed.serves(wanted, rows=rows, behind=behind) else None
    statement = select_messages(
        space, wanted, limit=limit, offset=offset, behind=behind, oldest_first=oldest_first, proposed=ids
    )
    found = [read_message(row) for row in connection.execute(statement)]
    views = _views(directory, found)
    if proposed is not None and not proposed.is_all and wanted == MessageFilter(search=wanted.search):
        # There are as many as were proposed, and more: counting them all would take long.
        return Page(rows=views, total=len(proposed.ids), is_exact=False)
    counted_among = None if proposed is None else proposed.ids
    total: int = connection.execute(count_messages(space, wanted, proposed=counted_among)).scalar_one()
    is_exact = _is_of_a_kind(wanted) or (total <= COUNTED and (proposed is None or proposed.is_all))
    return Page(rows=views, total=total if is_exact else min(total, COUNTED), is_exact=is_exact)


def _states_there(connection: Connection, space: Space, wanted: MessageFilter) -> tuple[State, ...]:
    """Of the states asked for, those that any message is in: each costs a walk of its own."""
    there = select(_count.transmission, _count.receipt, _count.receipt_is_late).distinct()
    rows = connection.execute(there.where(*_scope(space, _count), _count.count > 0))
    found = {(transmission, receipt, bool(is_late)) for transmission, receipt, is_late in rows}
    return tuple(state for state in wanted.states or () if state in found)


def select_messages(
    space: Space,
    wanted: MessageFilter,
    *,
    limit: int,
    offset: int,
    behind: ListPosition | None = None,
    oldest_first: bool = False,
    proposed: Collection[bytes] | None = None,
) -> Select[Any]:
    """The rows of a page, newest first unless it is turned round."""
    order = _OLDEST_FIRST if oldest_first else _NEWEST_FIRST
    conditions = [*_conditions(space, wanted, proposed), *_behind(behind)]
    if wanted.states is None:
        return select(tables.message).where(*conditions).order_by(*order).limit(limit).offset(offset)
    # Each state has its own ordered walk through the index; the page is what comes first of them all.
    walks = [_walk([*conditions, _is_in(state, _message)], order, limit=limit + offset) for state in wanted.states]
    if not walks:
        return select(tables.message).where(false())
    first = union_all(*walks).subquery()
    by_age = (first.c.created_at, first.c.handle)
    sorted_by = by_age if oldest_first else tuple(column.desc() for column in by_age)
    keys = select(first.c.id).order_by(*sorted_by).limit(limit).offset(offset)
    return select(tables.message).where(_message.id.in_(keys.scalar_subquery())).order_by(*order)


def count_messages(space: Space, wanted: MessageFilter, *, proposed: Collection[bytes] | None = None) -> Select[Any]:
    """How many rows all the pages have, counted up to one more than `COUNTED` where the counts by kind do not serve."""
    if _is_of_a_kind(wanted):
        conditions = [*_scope(space, _count), *_of_kind(wanted, _count, _count.has_problem)]
        return select(func.coalesce(func.sum(_count.count), 0)).where(*conditions, *_any_state(wanted, _count))
    conditions = [*_conditions(space, wanted, proposed), *_any_state(wanted, _message)]
    rows: Select[Any] = select(literal_column("1")).select_from(tables.message).where(*conditions)
    return select(func.count()).select_from(rows.limit(COUNTED + 1).subquery())


def _any_state(wanted: MessageFilter, column: ColumnCollection[str, Any]) -> list[Condition]:
    return [] if wanted.states is None else [or_(false(), *(_is_in(state, column) for state in wanted.states))]


def _walk(conditions: Sequence[Condition], order: Sequence[ColumnElement[Any]], *, limit: int) -> Select[Any]:
    part = select(_message.id, _message.created_at, _message.handle).where(*conditions)
    # SQLite orders and limits a part of a compound only inside a query of its own.
    return select(part.order_by(*order).limit(limit).subquery())


def _views(directory: DirectoryReader, messages: list[Message]) -> tuple[MessageView, ...]:
    stations = directory.stations_by_id(message.station_id.bytes for message in messages)
    partners = directory.partners_by_id(message.partner_id.bytes for message in messages)
    return tuple(
        MessageView(message=message, station=stations[message.station_id], partner=partners[message.partner_id])
        for message in messages
    )


def _is_of_a_kind(wanted: MessageFilter) -> bool:
    is_unmarked = replace(wanted, station_id=None, is_read=None, is_deleted=None, folder=None, is_unanswered=None)
    is_unnamed = replace(is_unmarked, wire_id=None, subject=None)
    return wanted == replace(is_unnamed, created_from=None, created_to=None, content_type=None, search=None)


def _conditions(space: Space, wanted: MessageFilter, proposed: Collection[bytes] | None) -> list[Condition]:
    """All but the states."""
    possible = (
        _equals(_media_type, None if wanted.content_type is None else wanted.content_type.strip().lower()),
        None if proposed is None else _message.id.in_(proposed),
        None if wanted.created_from is None else _message.created_at >= micros(wanted.created_from),
        None if wanted.created_to is None else _message.created_at < micros(wanted.created_to),
        None if wanted.search is None else _mentions(wanted.search),
        _equals(_message.station_id, _bytes(wanted.station_id)),
        None if wanted.is_read is None else _is_marked(_mark.is_read) == wanted.is_read,
        None if wanted.is_deleted is None else _is_marked(_mark.is_deleted) == wanted.is_deleted,
        None if wanted.folder is None else _lies_in(wanted.folder),
        None if wanted.wire_id is None else _has_wire_id(wanted.wire_id),
        None if wanted.subject is None else _has_subject(wanted.subject),
        None if wanted.is_unanswered is None else _is_unanswered == wanted.is_unanswered,
    )
    kinds = _of_kind(wanted, _message, _has_problem)
    # What is proposed is of this space already; without its columns, no index of the whole list leads past the ids.
    scope = _scope(space, _message) if proposed is None else [_tenant_of(space).is_not(None)]
    return [*scope, *kinds, *(condition for condition in possible if condition is not None)]


def _scope(space: Space, column: ColumnCollection[str, Any]) -> list[Condition]:
    return [column.tenant_id == _tenant_of(space), column.mode == space.mode.value]


def _of_kind(
    wanted: MessageFilter, column: ColumnCollection[str, Any], has_problem: ColumnElement[bool]
) -> list[Condition]:
    possible = (
        _equals(column.partner_id, _bytes(wanted.partner_id)),
        _equals(column.direction, wanted.direction),
        _equals(column.is_signed, wanted.is_signed),
        _equals(column.is_encrypted, wanted.is_encrypted),
        _equals(has_problem, wanted.has_problem),
    )
    return [condition for condition in possible if condition is not None]


def _tenant_of(space: Space) -> ScalarSelect[Any]:
    """The tenant, if it is the account's. Asked once, so that rows can be counted in an index that has no account."""
    table = tables.tenant
    its_own = (table.c.id == space.tenant_id.bytes, table.c.account_id == space.account_id.bytes)
    return select(table.c.id).where(*its_own).scalar_subquery()


def _behind(position: ListPosition | None) -> list[Condition]:
    if position is None:
        return []
    return [tuple_(_message.created_at, _message.handle) < (micros(position.created_at), position.handle)]


def _equals(column: ColumnElement[Any], value: object) -> Condition | None:
    return None if value is None else column == value


def _bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _is_marked(column: ColumnElement[Any]) -> Condition:
    return exists().where(_mark.message_key == _message.id, column)


def _lies_in(folder: str) -> Condition:
    marked = exists().where(_mark.message_key == _message.id)
    return marked.where(_mark.folder == folder) if folder else ~marked.where(_mark.folder.is_not(None))


def _is_in(state: State, column: ColumnCollection[str, Any]) -> Condition:
    transmission, receipt, is_late = state
    return and_(column.transmission == transmission, column.receipt == receipt, column.receipt_is_late == is_late)


def _has_wire_id(wire_id: str) -> Condition:
    # Said twice: only what is not empty is in the index.
    return and_(_message.wire_key == bare_message_id(wire_id), _message.wire_key != "")


def _has_subject(text: str) -> Condition:
    return func.lower(_message.subject).contains(text.lower(), autoescape=True)


def _mentions(text: str) -> Condition:
    part = text.lower()
    return or_(
        _has_subject(text),
        func.lower(_message.wire_id).contains(part, autoescape=True),
    )
