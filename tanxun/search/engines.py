"""The index tables in the two databases: an FTS5 table, a tsvector with a GIN index. Nothing else in the house knows which.

A table has the record's key, `names`, `text` and the words; columns, arguments and answers are the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models

from .question import Group
from .texts import Entry
from .tokens import Needle, Token

Params = list[Any]


def table_of(model: type[models.Model]) -> str:
    return f"search_{model._meta.app_label}_{model._meta.model_name}"


class Engine:
    """What both have in common."""

    key: str
    contains: str
    both: str
    either: str

    def create(self, table: str) -> list[str]:
        """The statements that make the table."""
        raise NotImplementedError

    def match(self, table: str) -> str:
        """The condition that its one parameter, made by `asked`, holds of a row's words."""
        raise NotImplementedError

    def token(self, token: Token) -> str:
        raise NotImplementedError

    def write(self, cursor: Any, table: str, entries: Sequence[Entry]) -> None:
        """Put the entries in place of what stood there under their keys."""
        raise NotImplementedError

    def delete(self, cursor: Any, table: str, keys: Iterable[int]) -> None:
        keys = list(keys)
        marks = ", ".join(["%s"] * len(keys))
        if keys:
            cursor.execute(f"DELETE FROM {table} WHERE {self.key} IN ({marks})", keys)  # noqa: S608 - our own names

    def tokens_column(self) -> str:
        """The expression that reads the words back, for `words`."""
        raise NotImplementedError

    def words(self, stored: Any) -> tuple[str, ...]:
        raise NotImplementedError

    def asked(self, groups: Iterable[Group]) -> str:
        """Every group by one of its needles."""
        return self.both.join(f"({self.either.join(map(self._needle, group))})" for group in groups)

    def _needle(self, needle: Needle) -> str:
        return f"({self.both.join(map(self.token, needle.tokens))})"

    def condition(self, table: str, groups: Sequence[Group]) -> tuple[str, Params]:
        """SQL and parameters: rows of the index that every group hits, confirmed on the text where words alone do not say it."""
        parts, params = [self.match(table)], [self.asked(groups)]
        for group in groups:
            confirmed, texts = self.confirmation("names || text", group)
            parts += confirmed
            params += texts
        return " AND ".join(parts), params

    def confirmation(self, text: str, group: Group) -> tuple[list[str], Params]:
        """The condition, if one is needed, that `text` holds what the words of a needle only make likely."""
        if all(needle.is_sure for needle in group):
            return [], []
        texts = list(dict.fromkeys(needle.text for needle in group))
        return [f"({' OR '.join([f'{self.contains}({text}, %s) > 0'] * len(texts))})"], texts

    def probe(self, table: str, key: str, groups: Sequence[Group]) -> tuple[str, Params]:
        """SQL and parameters: one row where the entry of the record with the key that is SQL `key` is hit, else none."""
        condition, params = self.condition(table, groups)
        return f"SELECT 1 FROM {table} WHERE {table}.{self.key} = {key} AND {condition}", params  # noqa: S608 - our own names

    def stored(self, cursor: Any, table: str, low: int, high: int) -> Iterator[Entry]:
        """The entries with a key from `low` to `high`."""
        columns = f"{self.key}, names, text, {self.tokens_column()}"
        cursor.execute(f"SELECT {columns} FROM {table} WHERE {self.key} BETWEEN %s AND %s", [low, high])  # noqa: S608
        return (Entry(key, names, text, self.words(tokens)) for key, names, text, tokens in cursor.fetchall())


class SQLite(Engine):
    """FTS5 with the words divided by blanks. An ordinary table: 3.40 cannot delete from one without content."""

    key, contains, both, either = "rowid", "instr", " AND ", " OR "

    def create(self, table: str) -> list[str]:
        options = "detail=none, columnsize=0, tokenize='ascii'"
        return [f"CREATE VIRTUAL TABLE {table} USING fts5(tokens, names UNINDEXED, text UNINDEXED, {options})"]

    def match(self, table: str) -> str:
        return f"{table} MATCH %s"

    def token(self, token: Token) -> str:
        return f'"{token.text}"{"*" if token.opens else ""}'

    def probe(self, table: str, key: str, groups: Sequence[Group]) -> tuple[str, Params]:
        """Asked of one row at a time, FTS5 opens its index anew (0.3 ms); its content table says the same at once."""
        parts, params = [], []
        for group in groups:
            ways = []
            for needle in group:
                tests = ["instr(c0, %s) > 0"] * len(needle.tokens)
                params += [f" {token.text}{'' if token.opens else ' '}" for token in needle.tokens]
                ways.append(" AND ".join(tests))
            parts.append(f"({' OR '.join(ways)})")
            confirmed, texts = self.confirmation("c1 || c2", group)
            parts += confirmed
            params += texts
        where = " AND ".join(parts)
        return f"SELECT 1 FROM {table}_content AS kept WHERE kept.id = {key} AND {where}", params  # noqa: S608 - our own names

    def write(self, cursor: Any, table: str, entries: Sequence[Entry]) -> None:
        self.delete(cursor, table, [entry.key for entry in entries])
        rows = [(entry.key, entry.names, entry.text, f" {' '.join(entry.tokens)} ") for entry in entries]
        cursor.executemany(f"INSERT INTO {table} (rowid, names, text, tokens) VALUES (%s, %s, %s, %s)", rows)  # noqa: S608

    def tokens_column(self) -> str:
        return "tokens"

    def words(self, stored: Any) -> tuple[str, ...]:
        return tuple(sorted(stored.split()))


class PostgreSQL(Engine):
    """A tsvector made of our words as they are, never through a text parser; GIN finds them."""

    key, contains, both, either = "id", "strpos", " & ", " | "

    def create(self, table: str) -> list[str]:
        columns = "id bigint PRIMARY KEY, names text NOT NULL, text text NOT NULL, tokens tsvector NOT NULL"
        return [f"CREATE TABLE {table} ({columns})", f"CREATE INDEX {table}_tokens ON {table} USING gin (tokens)"]

    def match(self, table: str) -> str:
        return f"{table}.tokens @@ %s::tsquery"

    def token(self, token: Token) -> str:
        return f"'{token.text}'{':*' if token.opens else ''}"

    def write(self, cursor: Any, table: str, entries: Sequence[Entry]) -> None:
        sql = (
            f"INSERT INTO {table} (id, names, text, tokens) VALUES (%s, %s, %s, array_to_tsvector(%s::text[])) "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET names = excluded.names, text = excluded.text, tokens = excluded.tokens"
        )
        cursor.executemany(sql, [(entry.key, entry.names, entry.text, list(entry.tokens)) for entry in entries])

    def tokens_column(self) -> str:
        return "tsvector_to_array(tokens)"

    def words(self, stored: Any) -> tuple[str, ...]:
        return tuple(sorted(stored))


ENGINES: dict[str, Engine] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def engine_of(connection: Any) -> Engine:
    return ENGINES[connection.vendor]
