"""What an import is about to write, kept in temporary tables until one transaction moves all of it. Asked by `intake`.

A temporary table is the connection's own: filling it takes no lock that another writer waits for, and nothing is left of it
when the process dies. Keys are reserved beforehand, so that moving is copying.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

from tanxun.search.index import mark_rows

BATCH = 1_000
Model = type[models.Model]


class Keys:
    """New keys of a table: reserved in blocks where something will be written, negative ones for a dry run."""

    def __init__(self, model: Model, *, is_reserved: bool) -> None:
        self.model = model
        # Rows are hashed by their keys, and hash(-1) is hash(-2).
        self._keys = self._reserved() if is_reserved else iter(range(-3, -(2**62), -1))

    def __next__(self) -> int:
        return next(self._keys)

    def _reserved(self) -> Iterator[int]:
        table, key = self.model._meta.db_table, self.model._meta.pk.column
        while True:
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    numbers = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
                    cursor.execute(numbers, [f'"{table}"', key, BATCH])
                    block: Iterable[int] = [number for (number,) in cursor.fetchall()]
                else:
                    block = self._sqlite_block(cursor, table)
            yield from block

    @staticmethod
    def _sqlite_block(cursor: Any, table: str) -> range:
        """Moves the counter that AUTOINCREMENT counts on from, in one statement of its own."""
        moved = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq"
        cursor.execute(moved, [BATCH, table])
        row = cursor.fetchone()
        if row is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
            cursor.execute(moved, [BATCH, table])
            row = cursor.fetchone()
        return range(row[0] - BATCH + 1, row[0] + 1)


class Stage:
    """A temporary table with the columns of `model`, filled with instances. `name` is its name in SQL."""

    def __init__(self, model: Model, name: str) -> None:
        self.model, self.name = model, name
        self.count = 0
        fields = model._meta.concrete_fields
        self.columns = [connection.ops.quote_name(field.column) for field in fields]
        self._values = attrgetter(*(field.attname for field in fields))
        self._converted = [(at, _converter(field)) for at, field in enumerate(fields) if _is_converted(field)]
        self._waiting: list[Sequence[Any]] = []
        create(name, self.columns, self.table)

    @property
    def table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def add(self, instance: models.Model) -> None:
        row = list(self._values(instance))
        for at, convert in self._converted:
            if row[at] is not None:
                row[at] = convert(row[at])
        self._waiting.append(row)
        self.count += 1
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        fill(self.name, self.columns, self._waiting)
        self._waiting = []

    def gather(self, condition: str, params: Sequence[Any] = ()) -> None:
        """Take in the rows of the table with this SQL condition."""
        columns = ", ".join(self.columns)
        moments = [self.moment(value) if isinstance(value, dt.datetime) else value for value in params]
        run(f"INSERT INTO {self.name} ({columns}) SELECT {columns} FROM {self.table} WHERE {condition}", moments)

    def size(self) -> int:
        return int(rows_of(f"SELECT count(*) FROM {self.name}")[0][0])

    @staticmethod
    def moment(moment: dt.datetime) -> Any:
        """A moment as the database takes it in SQL of our own."""
        return connection.ops.adapt_datetimefield_value(moment)

    def discard(self, condition: str) -> None:
        """Take the rows with this SQL condition out again."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.name} WHERE {condition}")
            self.count -= cursor.rowcount

    def insert(self, order: str = "id") -> None:
        """Copy all of it into the table, in the order of most of its indexes: then each of their pages is written few times.

        The staged rows have an index in that order: sorting them here would hold them all in memory.
        """
        columns = ", ".join(self.columns)
        run(f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {self.name} ORDER BY {order}")

    def update(self, fields: Iterable[str]) -> None:
        """Write the columns of these fields into the rows of the table with the same keys."""
        columns = [connection.ops.quote_name(self.model._meta.get_field(name).column) for name in fields]  # type: ignore[union-attr]
        setting = ", ".join(f"{column} = staged.{column}" for column in columns)
        run(f"UPDATE {self.table} SET {setting} FROM {self.name} AS staged WHERE staged.id = {self.table}.id")

    def write_history(self, kind: str, moment: dt.datetime, user: int | None, reason: str) -> None:
        """One entry for each staged row as it stands in the table now, with the rows it is tied to."""
        history: Any = self.model.history.model  # type: ignore[attr-defined]
        quote = connection.ops.quote_name
        kept = quote(history._meta.db_table)
        columns = ", ".join(self.columns)
        read = ", ".join(f"own.{column}" for column in self.columns)
        source = f"FROM {self.table} AS own JOIN {self.name} AS staged ON staged.id = own.id"
        run(
            f"INSERT INTO {kept} ({columns}, history_date, history_change_reason, history_type, history_user_id)"
            f" SELECT {read}, %s, %s, %s, %s {source}",
            [self.moment(moment), reason[:100], kind, user],
        )
        for field in history._history_m2m_fields:
            own, other = quote(field.m2m_column_name()), quote(field.m2m_reverse_name())
            joins = quote(field.remote_field.through._meta.db_table)
            run(
                f"INSERT INTO {quote(_kept_links(history, field))} (id, {own}, {other}, history_id)"
                f" SELECT link.id, link.{own}, link.{other}, past.history_id FROM {joins} AS link"
                f" JOIN {self.name} AS staged ON staged.id = link.{own}"
                f" JOIN {kept} AS past ON past.id = staged.id AND past.history_date = %s",
                [self.moment(moment)],
            )

    def mark(self, *, spreads: bool = False, of: str = "") -> None:
        """Note for the search index that these rows changed, or those whose keys the SQL `of` selects."""
        mark_rows(self.model, of or f"SELECT id FROM {self.name}", spreads=spreads)


class Links:
    """A temporary table of pairs: the rows that a many-to-many field is to tie."""

    def __init__(self, field: Any, name: str) -> None:
        quote = connection.ops.quote_name
        self.name = name
        self.table = quote(field.remote_field.through._meta.db_table)
        self.columns = [quote(field.m2m_column_name()), quote(field.m2m_reverse_name())]
        self._waiting: list[Sequence[Any]] = []
        create(name, self.columns, self.table)

    def add(self, own: int, others: Iterable[int]) -> None:
        self._waiting += [(own, other) for other in others]
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        fill(self.name, self.columns, self._waiting)
        self._waiting = []

    def insert(self, of: Stage, *, is_anew: bool = False) -> None:
        """Tie the rows of `of`; `is_anew`: in place of what they were tied to."""
        columns, own = ", ".join(self.columns), self.columns[0]
        mine = f"{own} IN (SELECT id FROM {of.name})"
        if is_anew:
            run(f"DELETE FROM {self.table} WHERE {mine} AND {own} IN (SELECT {own} FROM {self.name})")
        run(f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {self.name} WHERE {mine}")


def _kept_links(history: Any, field: Any) -> str:
    """The table that keeps what a many-to-many field tied at each entry of the history."""
    through = field.remote_field.through
    models_ = (relation.related_model for relation in history._meta.related_objects)
    return next(str(m._meta.db_table) for m in models_ if m.__name__ == f"Historical{through.__name__}")


def create(name: str, columns: Sequence[str], like: str, further: str = "") -> None:
    """An empty temporary table `name` with these columns of the table `like`, in place of an older one."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} AS SELECT {', '.join(columns)}{further} FROM {like} WHERE 1 = 0")


def index(name: str, column: str) -> None:
    run(f"CREATE INDEX {name}_{column} ON {name} ({column})")


def fill(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        with _together(cursor):
            cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows)


@contextmanager
def _together(cursor: Any) -> Iterator[None]:
    """One deferred transaction of SQLite: it touches the temporary database alone, so it locks nothing that others use."""
    if connection.in_atomic_block:
        yield
        return
    cursor.execute("BEGIN")
    try:
        yield
    finally:
        cursor.execute("COMMIT")


def run(sql: str, params: Sequence[Any] = ()) -> int:
    """Carry out one statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def rows_of(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def selected(stage: Stage, columns: Iterable[str], **values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """These columns of the rows that have one of the values in each column named, stored rows first, then staged ones."""
    asked = {column: list(each) for column, each in values.items()}
    if not all(asked.values()):
        return
    conditions, params = [], []
    for column, each in asked.items():
        listed = one_of(each)
        condition, given = (listed.sql, listed.params) if isinstance(listed, RawSQL) else (", ".join(["%s"] * len(each)), each)
        conditions.append(f"{column} IN ({condition})")
        params += given
    for source in (stage.table, stage.name):
        yield from rows_of(f"SELECT {', '.join(columns)} FROM {source} WHERE {' AND '.join(conditions)}", params)


def one_of(values: Iterable[Any]) -> RawSQL | list[Any]:
    """What follows an `__in`. On SQLite as one parameter: every other number of them would be another statement, of which the
    connection keeps the last 128 prepared, with all that was given to them.
    """
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(values))])
    return list(values)


def _is_converted(field: models.Field[Any, Any]) -> bool:
    kinds = (models.DateField, models.DecimalField, models.JSONField)
    return isinstance(field, kinds)


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """The field's own way into the database; of dates, which repeat, each is made once."""
    if isinstance(field, models.JSONField):
        return lambda value: _json(field, value)
    known: dict[Any, Any] = {}

    def convert(value: Any) -> Any:
        if value not in known:
            if len(known) > 50_000:
                known.clear()
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return convert


def _json(field: models.JSONField[Any, Any], value: Any) -> Any:
    return json.dumps(value, cls=field.encoder)
