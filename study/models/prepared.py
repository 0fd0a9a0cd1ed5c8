"""Queries that the ORM puts into words once.

To word a query takes the ORM ten times as long as SQLite takes to answer it, and volunteers' requests ask the
same few with other values. A prepared query is written with the ORM like any other; its SQL is kept for each
kind of database, and to ask again only fills in the values.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery
from django.db.transaction import TransactionManagementError

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import Model, QuerySet
    from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
FIRST_MARKER = 32_000  # numbers that a column of any kind holds, and that no query of ours names itself


class NotPrepared(Exception):
    """The database is not given a value as it is, so that the query cannot be prepared."""


@dataclass(frozen=True)
class Wording:
    """A query in the words of one kind of database, and what its columns are."""

    sql: str
    params: list[tuple[int | None, Any]]  # the place of a value and its marker, or None and a constant
    columns: list[Any]
    model: type[Model] | None  # None: rows are tuples
    names: list[str]  # the attributes of the model, whose columns come first
    related: list[Any]  # read the rows that were joined
    annotations: dict[str, int]
    locks: bool

    def filled(self, values: tuple[str | int, ...]) -> list[Any]:
        """Return the parameters with these values, in the types that the database's driver wants."""
        return [param if place is None else type(param)(values[place]) for place, param in self.params]

    def read(self, row: list[Any], alias: str) -> Any:
        """Return what a row of the database stands for."""
        if self.model is None:
            return tuple(row)
        found = self.model.from_db(alias, self.names, row[: len(self.names)])
        for related in self.related:
            related.populate(row, found)
        for name, place in self.annotations.items():
            setattr(found, name, row[place])
        return found


class Prepared(Generic[Row]):
    """A query whose values come later: `Prepared(lambda token: Session.objects.filter(token=token), str)`.

    `word` makes the query from values of these kinds. It may not look at them, since it is called only once,
    with markers; and each of them has to reach the database as it is given.
    """

    def __init__(self, word: Callable[..., QuerySet[Any, Row]], *kinds: type[str] | type[int]) -> None:
        self._word = word
        self._markers = [
            f"value {place} of a prepared query" if kind is str else FIRST_MARKER + place
            for place, kind in enumerate(kinds)
        ]
        self._wordings: dict[str, Wording] = {}
        self._of_thread = threading.local()  # converters belong to the connection of their thread

    def all(self, *values: str | int) -> list[Row]:
        """Return the rows for these values.

        Raises:
            NotPrepared: where a value is lost or changed on its way.
            TransactionManagementError: for rows to be locked, outside of a transaction.
        """
        database = connections[DEFAULT_DB_ALIAS]  # asked for once: its proxy looks it up at every use
        wording = self._wordings.get(database.vendor) or self._worded()
        if wording.locks and not database.in_atomic_block:
            raise TransactionManagementError("Rows are locked until a transaction ends; there is none.")
        with database.cursor() as cursor:
            cursor.execute(wording.sql, wording.filled(values))
            rows = cursor.fetchall()
        return [wording.read(row, database.alias) for row in self._converted(rows, wording, database)]

    def first(self, *values: str | int) -> Row | None:
        """Return the first row, if there is one."""
        rows = self.all(*values)
        return rows[0] if rows else None

    def _worded(self) -> Wording:
        query = self._word(*self._markers).query
        compiler: SQLCompiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        places = [self._markers.index(param) if param in self._markers else None for param in params]
        if set(places) - {None} != set(range(len(self._markers))):
            raise NotPrepared(sql)
        told = compiler.klass_info if query.default_cols else None  # else chosen values, not a model's rows
        columns = [column for column, *_ in compiler.select]
        wording = Wording(
            sql=sql,
            params=list(zip(places, params, strict=True)),
            columns=columns,
            model=told["model"] if told else None,
            names=[columns[place].target.attname for place in told["select_fields"]] if told else [],
            related=_populators(told, compiler, connection.alias) if told else [],
            annotations=compiler.annotation_col_map or {} if told else {},
            locks=query.select_for_update,
        )
        self._wordings[connection.vendor] = wording
        return wording

    def _converted(
        self, rows: list[tuple[Any, ...]], wording: Wording, database: BaseDatabaseWrapper
    ) -> Iterator[list[Any]]:
        converters = self._converters(wording, database)
        for row in rows:
            values = list(row)
            for place, column, converter in converters:
                if values[place] is not None:  # nothing stays nothing
                    values[place] = converter(values[place], column, database)
            yield values

    def _converters(
        self, wording: Wording, database: BaseDatabaseWrapper
    ) -> list[tuple[int, Any, Callable[..., Any]]]:
        known: list[tuple[int, Any, Callable[..., Any]]] | None = getattr(
            self._of_thread, database.vendor, None
        )
        if known is None:
            known = [
                (place, column, converter)
                for place, column in enumerate(wording.columns)
                for converter in database.ops.get_db_converters(column) + column.get_db_converters(database)
            ]
            setattr(self._of_thread, database.vendor, known)
        return known


class PreparedInsert:
    """Stores a new row as `save` does, in words that the ORM has found once; no signal is sent."""

    def __init__(self, model: type[Model]) -> None:
        self._fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        self._wordings: dict[str, str] = {}

    def store(self, row: Model) -> None:
        """Store the row and give it its primary key."""
        database = connections[DEFAULT_DB_ALIAS]
        sql = self._wordings.get(database.vendor) or self._worded(row)
        values = [field.get_db_prep_save(getattr(row, field.attname), database) for field in self._fields]
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            row.pk = cursor.fetchone()[0]
        row._state.adding, row._state.db = False, database.alias

    def _worded(self, row: Model) -> str:
        query = InsertQuery(type(row))
        query.insert_values(self._fields, [row])
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = [row._meta.pk]
        sql = str(compiler.as_sql()[0][0])
        self._wordings[connection.vendor] = sql
        return sql


def _populators(told: dict[str, Any], compiler: SQLCompiler, alias: str) -> list[Any]:
    # The stubs describe a later Django, which wants an argument more.
    return get_related_populators(told, compiler.select, alias)  # type: ignore[call-arg]
