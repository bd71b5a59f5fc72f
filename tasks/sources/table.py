"""Rows of a database view, read only, in batches along a cursor that grows.

Within a pull the key is (cursor column, order column), each batch one delivery with its own cursor,
so that a long first pull can be interrupted. A pull starts *at* the cursor, not after it (equal
values may have been written later), and for cursors that are times the overlap before it; rows
without a cursor value come with every pull. A time in the future never becomes the cursor. Batches
are JSON arrays of the view's own columns.
"""

import datetime as dt
import decimal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    literal_column,
    make_url,
    or_,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError

from schemas.connectors import Table
from tasks.sources.base import Part, Pulled, PullRequest, SourceDown, SourceRefused
from tasks.sources.http_auth import token_of
from tasks.sources.table_cursor import NoCursor, begin, grown, thaw
from tasks.sources.table_engine import read_only_engine

Key = tuple[Any, Any]  # (cursor value, order value) of a row


def pull(request: PullRequest) -> Iterator[Pulled]:
    """Yield a delivery per batch, at least one. Raises SourceDown, SourceRefused."""
    connector = request.declaration.connector
    assert isinstance(connector, Table)
    engine = read_only_engine(request)
    try:
        with engine.connect() as connection:
            yield from _Reader(request, connector, connection).deliveries()
    except SQLAlchemyError as error:
        raise _down(request, connector, error) from None  # its text may hold the address
    except NoCursor as error:
        reason = f"{connector.cursor_column} cannot be the cursor_column: {error}"
        raise SourceRefused(request.name, reason, "content") from None
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _Reader:
    request: PullRequest
    connector: Table
    connection: Connection

    def deliveries(self) -> Iterator[Pulled]:
        cursor, after = self.request.cursor, None
        undated = self._undated()
        while True:
            rows = self._batch(after)
            values = [row[self.connector.cursor_column] for row in rows]
            cursor = grown(cursor, values, self.request.now)
            yield self._pulled(undated + rows, cursor)
            if len(rows) < self.connector.batch_rows:
                return
            undated, after = [], self._key(rows[-1])

    def _undated(self) -> list[dict[str, Any]]:
        """Rows without a cursor value; too many of them are no accident."""
        rows = self._rows(column(self.connector.cursor_column).is_(None))
        if len(rows) == self.connector.batch_rows:
            reason = (
                f"{len(rows):,} rows or more of {self.connector.view} have no"
                f" {self.connector.cursor_column}; name a cursor_column that is always filled"
            )
            raise SourceRefused(self.request.name, reason, "content")
        return rows

    def _batch(self, after: Key | None) -> list[dict[str, Any]]:
        """The next rows: after a key, or from the request's cursor on."""
        moved: ColumnClause[Any] = column(self.connector.cursor_column)
        order: ColumnClause[Any] = column(self.connector.order_column)
        condition: ColumnElement[bool] = moved.is_not(None)
        if after is not None:
            condition = or_(moved > after[0], and_(moved == after[0], order > after[1]))
        elif self.request.cursor:
            condition = self._since(thaw(self.request.cursor))
        return self._rows(condition)

    def _since(self, value: Any) -> ColumnElement[bool]:
        moved: ColumnClause[Any] = column(self.connector.cursor_column)
        if self.connector.cursor_column == self.connector.order_column:
            return moved > value  # unique by declaration: nothing can be written beside it
        return moved >= begin(value, self.connector.overlap_minutes)

    def _rows(self, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
        schema, _, view = self.connector.view.rpartition(".")
        names = self.connector.cursor_column, self.connector.order_column
        query: Select[Any] = (
            select(literal_column("*"))
            .select_from(table(view, schema=schema or None))
            .where(condition)
            .order_by(*map(column, dict.fromkeys(names)))
            .limit(self.connector.batch_rows)
        )
        result = self.connection.execute(query)
        keys = tuple(result.keys())
        return [dict(zip(keys, row, strict=True)) for row in result.fetchall()]

    def _key(self, row: dict[str, Any]) -> Key:
        return row[self.connector.cursor_column], row[self.connector.order_column]

    def _pulled(self, rows: Sequence[dict[str, Any]], cursor: str) -> Pulled:
        content = orjson.dumps([{k: _plain(v) for k, v in row.items()} for row in rows])
        limit = self.request.settings.max_bytes
        if len(content) > limit:
            reason = (
                f"{len(rows):,} rows are {len(content):,} bytes, more than"
                f" {self.request.setting('max_bytes')} allows ({limit:,}); lower batch_rows"
            )
            raise SourceRefused(self.request.name, reason, "oversize")
        return Pulled((Part("rows-00001.json", content),), "json", self.request.name, None, cursor)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it without losing a digit."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def _down(request: PullRequest, connector: Table, error: SQLAlchemyError) -> SourceDown:
    said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()
    password = make_url(request.settings.url or "").password or token_of(request)
    words = said[0].replace(str(password), "***") if password and said else "".join(said[:1])
    reason = (
        f"view {connector.view} cannot be read: {words}; check {request.setting('url')} and that"
        f" the view has {connector.cursor_column} and {connector.order_column}"
    )
    return SourceDown(request.name, reason, "database")
