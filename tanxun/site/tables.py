"""All rows of a database as lines of JSON that say the same on SQLite and PostgreSQL: for backup, restore and dbmove.

A table's tally (number of rows, sum of their hashes) does not depend on the order in which rows come, so that two databases
can be compared whatever their collation.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models
from django.db.models import BinaryField, JSONField

from tanxun.records import sealing
from tanxun.records.cells import as_line, writer
from tanxun.search.engines import table_of
from tanxun.search.texts import searched_models

from . import sso

BATCH = 2_000
# Sign-ins stay where they are made; what search must still write, and the mark of what is kept of lists, are made anew.
LEFT_OUT = {"sessions.session", "search.mark", "listing.dataversion"}
OF_PEOPLE = (
    "site.User",
    "certifications.Company",
    "certifications.VerificationStatement",
    "policies.Policy",
    "digest.Newsletter",
)
AS_IN_JSON = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
SUMS = 2**128
Model = type[models.Model]


class Tally(NamedTuple):
    """How many rows, and the sum of the hashes of their lines."""

    rows: int = 0
    sum: int = 0

    def plus(self, line: str) -> Tally:
        digest = int.from_bytes(hashlib.blake2b(line.encode(), digest_size=16).digest(), "big")
        return Tally(self.rows + 1, (self.sum + digest) % SUMS)


def kept_models(registry: Any = apps) -> list[Model]:
    """Every table of the site, with those between two others, by name. `registry` may be of an earlier schema."""
    found = [one for one in registry.get_models(include_auto_created=True) if one._meta.managed and not one._meta.proxy]
    return sorted((one for one in found if one._meta.label_lower not in LEFT_OUT), key=lambda one: one._meta.label_lower)


def columns(model: Model) -> list[models.Field]:
    """The columns that are written; the database computes the others."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def lines(model: Model, using: str) -> Iterator[str]:
    """The rows of a table, each as a JSON array of its columns."""
    fields = columns(model)
    writers = [writer(field) for field in fields]
    rows = model._base_manager.using(using).order_by("pk").values_list(*(field.attname for field in fields))
    for row in rows.iterator(chunk_size=BATCH):
        yield as_line(writers, row)


def _reader(field: models.Field) -> Callable[[Any], Any]:
    if isinstance(field, models.ForeignKey):
        return _reader(field.target_field)
    if isinstance(field, BinaryField):
        return base64.b64decode
    return (lambda value: value) if isinstance(field, JSONField) else field.to_python


def tally(model: Model, using: str) -> Tally:
    found = Tally()
    for line in lines(model, using):
        found = found.plus(line)
    return found


class Stream(NamedTuple):
    """What a table is filled with: its lines, the names of their columns in order, and the last key ever given."""

    columns: Sequence[str]
    lines: Iterable[str]
    last_key: int = 0


def replace(streams: Callable[[Model], Stream], using: str, say: Callable[[str, int], Any] = lambda *told: None) -> None:
    """Let `using` hold exactly these rows. Inside a transaction: foreign keys are looked at when it commits."""
    connection, kept = connections[using], kept_models()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")
        names = [one._meta.db_table for one in apps.get_models(include_auto_created=True) if one._meta.managed]
        names += sso.left_behind(using)
        sealing.unseal(using)
        for statement in connection.ops.sql_flush(no_style(), names, reset_sequences=True):
            cursor.execute(statement)
        for model in searched_models():
            cursor.execute(f"DELETE FROM {table_of(model)}")  # noqa: S608 - our own names
        for model in kept:
            stream = streams(model)
            say(model._meta.label, insert(cursor, connection, model, stream))
            set_last_key(model, stream.last_key, using)
    sealing.seal(using)


def insert(cursor: Any, connection: Any, model: Model, stream: Stream) -> int:
    """Raises ValueError where a line is not of the columns that it names."""
    by_name = {field.attname: field for field in columns(model)}
    try:
        fields = [by_name[name] for name in stream.columns]
    except KeyError as error:
        raise ValueError(f"{model._meta.label} has no column {error}") from None
    makers = [_maker(field, connection) for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    done = 0
    for batch in _batches(stream.lines):
        rows = []
        for line in batch:
            cells = zip(makers, json.loads(line), strict=True)
            rows.append([cell if cell is None or make is None else make(cell) for make, cell in cells])
        cursor.executemany(statement, rows)
        done += len(rows)
    return done


def _maker(field: models.Field, connection: Any) -> Callable[[Any], Any] | None:
    """What makes of a cell the value that the database takes; None where it is that value: of most columns, millions of cells."""
    if isinstance(field.target_field if isinstance(field, models.ForeignKey) else field, AS_IN_JSON):
        return None
    read = _reader(field)
    return lambda cell: field.get_db_prep_value(read(cell), connection)


def _batches(rows: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def last_key(model: Model, using: str) -> int:
    """The highest key that the table ever gave, 0 where it gives none: addresses in mails and calendars are never reused."""
    connection, key = connections[using], model._meta.pk
    if not isinstance(key, models.AutoField | models.BigAutoField | models.SmallAutoField):
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        else:
            cursor.execute(
                "SELECT last_value FROM pg_sequences WHERE quote_ident(schemaname) || '.' || quote_ident(sequencename)"
                " = pg_get_serial_sequence(%s, %s)",
                [connection.ops.quote_name(model._meta.db_table), key.column],
            )
        row = cursor.fetchone()
    return (row[0] or 0) if row else 0


def set_last_key(model: Model, key: int, using: str) -> None:
    """Let the next key be higher than `key`, and than every key that stands."""
    if not key:
        return
    connection, table = connections[using], model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [key, table])
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, key])
        else:
            name = connection.ops.quote_name(table)
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [name, model._meta.pk.column, key])


_given: dict[str, list[tuple[int, str]]] = {}


def remember_keys(using: str, **_sent: Any) -> None:
    """Before migrations, which remake tables of SQLite: the highest key that each ever gave."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
            cursor.execute("SELECT seq, name FROM sqlite_sequence" if cursor.fetchone() else "SELECT 0, '' WHERE 0")
            _given[using] = cursor.fetchall()


def give_no_key_again(using: str, **_sent: Any) -> None:
    """After them: a table that was remade counts on from there."""
    if (given := _given.pop(using, None)) and connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.executemany("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", given)
            cursor.executemany(
                "INSERT INTO sqlite_sequence (seq, name) SELECT %s, name FROM sqlite_master WHERE type = 'table' AND name = %s"
                " AND name NOT IN (SELECT name FROM sqlite_sequence)",
                given,
            )


def of_database(using: str) -> Callable[[Model], Stream]:
    """The rows of another database, read while it is written elsewhere."""
    return lambda model: Stream([f.attname for f in columns(model)], lines(model, using), last_key(model, using))


def has_records(using: str) -> bool:
    """Whether anything stands there that a person put there: an account, a newsletter, a record."""
    return any(apps.get_model(label)._base_manager.using(using).exists() for label in OF_PEOPLE)
