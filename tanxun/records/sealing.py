"""The history is only ever added to: the database itself refuses to change or delete an entry, whoever asks.

Triggers are set after every migrate and taken off before one (SQLite remakes whole tables), and while a restore puts other
rows in place. Asked by the site's start-up and `tables.replace`; `check_data` looks whether they stand.
Who owns the database can take triggers off: this keeps code and people with a connection of the site from it, not the owner.
"""

from typing import Any

from django.db import connections

from . import seals

WORDS = "history is only added to"
FUNCTION = "tanxun_history_stays"


def histories() -> list[str]:
    """The tables of all histories, those of their many-to-many rows included, and that of the seals over them."""
    return sorted([*seals.histories(), seals.Seal._meta.db_table])


def standing(using: str) -> set[str]:
    """The histories of that database that are sealed."""
    whole = 3 if connections[using].vendor == "sqlite" else 2
    return {table for table, count in _triggers(using).items() if count == whole}


def _triggers(using: str) -> dict[str, int]:
    """How many of our triggers stand on each table: of an earlier version, or where one was ended, fewer than it takes."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'stays_%' GROUP BY 1"
            )
        else:
            cursor.execute(
                "SELECT relname, count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname IN ('stays_history', 'stays_whole') AND tgenabled IN ('O', 'A')"
                " AND pg_table_is_visible(pg_class.oid) GROUP BY 1"
            )
        return dict(cursor.fetchall())


def seal(using: str = "default", **kwargs: Any) -> None:
    """Idempotent `post_migrate` step."""
    connection = connections[using]
    with connection.cursor() as cursor:
        missing = (set(histories()) & set(connection.introspection.table_names(cursor))) - standing(using)
        if missing and connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
                f" '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        for table in sorted(missing):
            for statement in _off(connection, table) + _on(connection, table):
                cursor.execute(statement)


def unseal(using: str = "default", **kwargs: Any) -> None:
    """Idempotent `pre_migrate` step. A restore asks it inside its transaction, so that nobody else ever finds it open."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in sorted(_triggers(using)):
            for statement in _off(connection, table):
                cursor.execute(statement)


def _on(connection: Any, table: str) -> list[str]:
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        does = f"EXECUTE FUNCTION {FUNCTION}()"
        return [
            f"CREATE TRIGGER stays_history BEFORE UPDATE OR DELETE ON {quote(table)} FOR EACH ROW {does}",
            f"CREATE TRIGGER stays_whole BEFORE TRUNCATE ON {quote(table)} FOR EACH STATEMENT {does}",
        ]
    same = " OR ".join(
        f"({' AND '.join(f'{column} = NEW.{column}' for column in map(quote, columns))})" for columns in _keys(connection, table)
    )
    # An entry that REPLACEs another deletes it without a trigger for that.
    again = f"BEFORE INSERT ON {quote(table)} WHEN EXISTS (SELECT 1 FROM {quote(table)} WHERE {same})"  # noqa: S608 - our own names
    acts = {"update": f"BEFORE UPDATE ON {quote(table)}", "delete": f"BEFORE DELETE ON {quote(table)}", "insert": again}
    return [
        f"CREATE TRIGGER {quote(_name(table, act))} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        for act, when in acts.items()
    ]


def _keys(connection: Any, table: str) -> list[list[str]]:
    """The columns of SQLite's primary key, and those of each unique index. Django's introspection parses the table's SQL
    for them: a second of every start."""
    with connection.cursor() as cursor:
        primary = connection.introspection.get_primary_key_columns(cursor, table)
        cursor.execute(
            "SELECT list.seq, info.name FROM pragma_index_list(%s) AS list, pragma_index_info(list.name) AS info"
            ' WHERE list."unique" ORDER BY list.seq, info.seqno',
            [table],
        )
        indexes: dict[int, list[str]] = {}
        for index, column in cursor.fetchall():
            indexes.setdefault(index, []).append(column)
    return [primary, *indexes.values()]


def _off(connection: Any, table: str) -> list[str]:
    quote = connection.ops.quote_name
    if connection.vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {name} ON {quote(table)}" for name in ("stays_history", "stays_whole")]
    return [f"DROP TRIGGER IF EXISTS {quote(_name(table, act))}" for act in ("update", "delete", "insert")]


def _name(table: str, act: str) -> str:
    return f"stays_{act}_{table}"
