"""The index tables in the two databases: an FTS5 table, a tsvector with a GIN index. Nothing else in the house knows which.

A table has the record's key, `names`, `text` and the words between blanks; columns, arguments and answers are the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models

from .question import Group
from .texts import Entry
from .tokens import Needle, Token

Params = list[Any]


def row_of(entry: Entry) -> tuple[int, str, str, str]:
    """Key, names, text and the words between blanks, in no order."""
    return entry.key, entry.names, entry.text, f" {' '.join(entry.tokens)} "


def table_of(model: type[models.Model]) -> str:
    return f"search_{model._meta.app_label}_{model._meta.model_name}"


class Engine:
    """What both have in common. `kept` is how a single row is read past the index: table, key, words, names, text."""

    key: str
    contains: str
    both: str
    either: str
    but_not: str
    kept: tuple[str, str, str, str, str]
    keeps_apart = ""
    parts: tuple[str, ...] = ("",)  # of the table, as conditions: where to look for something common, the last is the whole

    def create(self, table: str) -> list[str]:
        """The statements that make the table."""
        raise NotImplementedError

    def match(self, table: str) -> str:
        """The condition that its one parameter, made by `asked`, holds of a row's words."""
        raise NotImplementedError

    def token(self, token: Token) -> str:
        raise NotImplementedError

    def insert(self, cursor: Any, table: str, entries: Iterable[Entry]) -> None:
        """Write the entries; under none of their keys stands one."""
        raise NotImplementedError

    def before_filling(self, cursor: Any, table: str) -> None:
        """Called before a table that is empty is filled: what is quicker made at the end may go."""

    def after_filling(self, cursor: Any, table: str) -> None:
        """Make again what `before_filling` took away, if it is not there."""

    def is_whole(self, cursor: Any, table: str) -> bool:
        """Whether nothing that `before_filling` took away is missing."""
        return True

    def delete(self, cursor: Any, table: str, keys: Iterable[int]) -> None:
        keys = list(keys)
        marks = ", ".join(["%s"] * len(keys))
        if keys:
            cursor.execute(f"DELETE FROM {table} WHERE {self.key} IN ({marks})", keys)  # noqa: S608 - our own names

    def asked(self, groups: Iterable[Group], without: Iterable[Group] = ()) -> str:
        """Every group by one of its needles, and none `without`."""
        wanted, unwanted = ([f"({self.either.join(map(self._needle, group))})" for group in some] for some in (groups, without))
        asked = self.both.join(wanted)
        return f"({asked}){self.but_not}({self.either.join(unwanted)})" if unwanted else asked

    def _needle(self, needle: Needle) -> str:
        return f"({self.both.join(map(self.token, needle.tokens))})"

    def condition(self, table: str, groups: Sequence[Group], without: Sequence[Group] = ()) -> tuple[str, Params]:
        """SQL and parameters: rows of the index that every group hits, confirmed on the text where words alone do not say it,
        and none `without`, whose needles are all sure.
        """
        parts, params = [self.match(table)], [self.asked(groups, without)]
        for group in groups:
            sure = tuple(needle for needle in group if needle.is_sure)
            ways, texts = [], list(dict.fromkeys(needle.text for needle in group if not needle.is_sure))
            if sure and texts:  # of what whole words say, which may be most of the table, no text is read
                ways.append(f"{self.key} IN (SELECT {self.key} FROM {table} WHERE {self.match(table)})")  # noqa: S608
                params.append(self.asked((sure,)))
            ways += [f"{self.contains}(names || text, %s) > 0"] * len(texts)
            params += texts
            if ways:
                parts.append(f"({' OR '.join(ways)})")
        return " AND ".join(parts), params

    def probe(self, table: str, key: str, groups: Sequence[Group], without: Sequence[Group] = ()) -> tuple[str, Params]:
        """SQL and parameters: one row where the record with the key that is SQL `key` is hit (see `condition`), else none.

        The words are read, not looked up: an index that is asked of one row at a time is opened anew each time.
        """
        rows, own, words, names, text = self.kept
        parts: list[str] = []
        params: Params = []
        signed = *((group, "") for group in groups), *((group, "NOT ") for group in without)
        for group, sign in signed:
            ways = []
            for needle in group:
                asked = [f"{self.contains}({words}, %s) > 0"] * len(needle.tokens)
                params += [f" {token.text}{'' if token.opens else ' '}" for token in needle.tokens]
                if not needle.is_sure:
                    asked.append(f"{self.contains}({names} || {text}, %s) > 0")
                    params.append(needle.text)
                ways.append(" AND ".join(asked))
            parts.append(f"{sign}({' OR '.join(ways)})")
        source = f"FROM {rows.format(table=table)} AS kept WHERE kept.{own} = {key}"
        return f"SELECT 1 {source} AND {' AND '.join(parts)}{self.keeps_apart}", params

    def stored(self, cursor: Any, table: str, low: int, high: int) -> Iterator[Entry]:
        """The entries with a key from `low` to `high`."""
        cursor.execute(f"SELECT {self.key}, names, text, tokens FROM {table} WHERE {self.key} BETWEEN %s AND %s", [low, high])  # noqa: S608
        return (Entry(key, names, text, frozenset(words.split())) for key, names, text, words in cursor.fetchall())


class SQLite(Engine):
    """FTS5 with the words divided by blanks. An ordinary table: 3.40 cannot delete from one without content."""

    key, contains, both, either, but_not = "rowid", "instr", " AND ", " OR ", " NOT "
    kept = ("{table}_content", "id", "c0", "c1", "c2")

    def create(self, table: str) -> list[str]:
        options = "detail=none, columnsize=0, tokenize='ascii'"
        return [f"CREATE VIRTUAL TABLE {table} USING fts5(tokens, names UNINDEXED, text UNINDEXED, {options})"]

    def match(self, table: str) -> str:
        return f"{table} MATCH %s"

    def token(self, token: Token) -> str:
        return f'"{token.text}"{"*" if token.opens else ""}'

    def insert(self, cursor: Any, table: str, entries: Iterable[Entry]) -> None:
        statement = f"INSERT INTO {table} (rowid, names, text, tokens) VALUES (%s, %s, %s, %s)"  # noqa: S608 - our own names
        cursor.executemany(statement, list(map(row_of, entries)))


class PostgreSQL(Engine):
    """A GIN index over the tsvector of our words as they are, never through a text parser.

    The tsvector stands in the index alone. The planner shall ask the index whatever the word: without statistics it thinks
    every word rare, and never reads all rows to find the first few of a common one.
    """

    key, contains, both, either, but_not = "id", "strpos", " & ", " | ", " & !"
    kept = ("{table}", "id", "tokens", "names", "text")
    keeps_apart = " OFFSET 0"  # else the planner makes a join of it and reads all
    # GIN reads all rows of a word before it gives the first: of a word that is in every row, from a part of them.
    PART = "id & 15 = 0"
    parts = (f" AND {PART}", "")
    FUNCTION = (
        "CREATE FUNCTION search_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT COST 1000 "
        "SET search_path = pg_catalog AS $$ SELECT array_to_tsvector(string_to_array(btrim(words), ' ')) $$"
    )

    def create(self, table: str) -> list[str]:
        columns = "id bigint PRIMARY KEY, names text NOT NULL, text text NOT NULL, tokens text NOT NULL"
        return [f"CREATE TABLE {table} ({columns})", *self._index(table)]

    def _index(self, table: str) -> list[str]:
        return [*self._gin(f"{table}_words", table), *self.part_index(table)]

    def part_index(self, table: str) -> list[str]:
        return self._gin(f"{table}_part", table, f" WHERE {self.PART}")

    def _gin(self, name: str, table: str, where: str = "") -> list[str]:
        return [
            f"CREATE INDEX {name} ON {table} USING gin (search_words(tokens)){where}",
            f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 0",
        ]

    def before_filling(self, cursor: Any, table: str) -> None:
        cursor.execute(f"DROP INDEX IF EXISTS {table}_words, {table}_part")

    def after_filling(self, cursor: Any, table: str) -> None:
        if not self.is_whole(cursor, table):
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'")
            for statement in self._index(table):
                cursor.execute(statement)

    def is_whole(self, cursor: Any, table: str) -> bool:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{table}_words"])
        return bool(cursor.fetchone()[0])

    def match(self, table: str) -> str:
        return f"search_words({table}.tokens) @@ %s::tsquery"

    def token(self, token: Token) -> str:
        return f"'{token.text}'{':*' if token.opens else ''}"

    def insert(self, cursor: Any, table: str, entries: Iterable[Entry]) -> None:
        with cursor.copy(f"COPY {table} (id, names, text, tokens) FROM STDIN") as copy:
            for row in map(row_of, entries):
                copy.write_row(row)


ENGINES: dict[str, Engine] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def engine_of(connection: Any) -> Engine:
    return ENGINES[connection.vendor]
