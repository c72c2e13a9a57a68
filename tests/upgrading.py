"""A database of an earlier schema, filled by its own models, brought up to today's, and what became of what it held.

    DATABASE_URL=… python -m tests.upgrading first|previous      # of an empty database; exit code 1 where anything differs

`first`: from the first migration of each of our apps. `previous`: today's schema is taken one step back in each app whose last
migration can be, filled, and brought forward again. Run by tests/test_migrations.py, in a process of its own.

MIGRATION_ROWS makes one row of each table that may be large as many as that, prints how long each migration took, and lets none
take more than a minute: `.ci/run --nightly` sets 100000 (DATA-08).
"""

import datetime as dt
import hashlib
import os
import sys
import time

import django

OURS = ("tanxun", "certifications", "policies")
# Columns that an update computes anew; what they say is tested where it is computed.
COMPUTED = {"search_text", "pinyin", "initials", "updated_at"}
# Columns that may go: what they held was computed from other columns, and stands in the search index since.
REPLACED = {"search_text", "pinyin_initials"}
WAITING = {"search_mark", "listing_dataversion"}  # what is still to be indexed, and under which mark counts are kept
DAY = dt.date(2024, 2, 29)
ROWS = int(os.environ.get("MIGRATION_ROWS", "0"))
MOST_SECONDS = 60
LARGE = {"Company", "CompanyName", "Product", "VerificationStatement", "HistoricalVerificationStatement", "HistoricalCompany"}
LARGE |= {"Policy", "HistoricalPolicy", "Draft"}


def ours():
    from django.apps import apps

    return {config.label for config in apps.get_app_configs() if config.name.split(".")[0] in OURS}


def first(executor):
    return [key for key in executor.loader.graph.root_nodes() if key[0] in ours()]


def previous(executor):
    """The state before the last migration of each app, but where that is its only one or another app rests on it."""
    graph, found = executor.loader.graph, []
    for app, name in graph.leaf_nodes():
        node = graph.node_map[app, name]
        before = [parent.key for parent in node.parents if parent.key[0] == app]
        if app in ours() and before and not [child for child in node.children if child.key[0] != app]:
            found += before
    return found


def value_of(field, number):
    """Some value of that field, another for each number; None where it may stay as it is."""
    from django.db import models

    if field.choices:
        return next(key for key, _words in field.flatchoices if key not in ("", None))
    if isinstance(field, models.CharField | models.TextField):
        text = f"样例 {number}" if not isinstance(field, models.URLField) else f"https://example.com/{number}"
        return text[: field.max_length or None]
    kinds = ((models.DateTimeField, dt.datetime(2024, 2, 29, number, tzinfo=dt.UTC)), (models.DateField, DAY))
    kinds += ((models.BooleanField, False), (models.DecimalField, f"{number}.5"), (models.IntegerField, number))
    return next((value for kind, value in kinds if isinstance(field, kind)), None)


def fill(apps):
    """Three rows of every model that its rules let have; (table, why) of those that they do not."""
    from django.db import IntegrityError, transaction

    waiting = [model for model in apps.get_models() if model._meta.app_label in ours() and model._meta.managed]
    refused = {}
    for _round in range(4):  # until those that point to others find them
        for model in list(waiting):
            try:
                with transaction.atomic():
                    for number in (1, 2, 3):
                        row(apps, model, number).save(force_insert=True)
                waiting.remove(model)
            except (IntegrityError, LookupError, ValueError, TypeError) as error:
                refused[model._meta.db_table] = str(error).splitlines()[0]
    return {model._meta.db_table: refused[model._meta.db_table] for model in waiting}


def row(apps, model, number):
    values = {}
    for field in model._meta.concrete_fields:
        if field.is_relation:
            others = list(apps.get_model(field.related_model._meta.label)._default_manager.all()[:3])
            if others:
                values[field.name] = others[(number - 1) % len(others)]
            elif not field.null:
                raise LookupError(f"nothing for {field.name}")
        elif not field.get_internal_type().endswith("AutoField") and must_be_said(field):
            values[field.name] = value_of(field, number)
    return model(**values)


def grow(apps):
    """Of a row of each large table as many as ROWS; gives the names of those tables."""
    from django.db import IntegrityError, connection, models, transaction

    grown = []
    for model in (one for one in apps.get_models() if one.__name__ in LARGE and one._meta.app_label in ours()):
        if (first_row := model._base_manager.order_by("pk").first()) is None:
            continue
        fields = [one for one in model._meta.concrete_fields if not one.primary_key and not one.generated]
        plain = {one.name: one for one in fields if not one.is_relation}
        ties = [each.fields for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
        apart = {one.name for one in fields if one.unique} | {name for tie in ties for name in tie[-1:] if name in plain}
        names = ", ".join(f'"{one.column}"' for one in fields)
        values = ", ".join(another(one) if one.name in apart else f'"{one.column}"' for one in fields)
        table, key = model._meta.db_table, model._meta.pk.column
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
        copies = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}", n WHERE "{key}" = %s'  # noqa: S608 - our own names
        sql = f"{numbers} {copies}"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [ROWS - 1, first_row.pk])
            grown.append(table)
        except IntegrityError:  # a rule of its own for two alike
            continue
    return grown


def another(field):
    """SQL of a value for the copy number n.i."""
    return "'n' || n.i" if field.get_internal_type() == "CharField" else f'"{field.column}" + n.i'


def timed():
    """{migration: seconds} of all that are applied from now on."""
    from django.db.migrations.executor import MigrationExecutor

    found, apply = {}, MigrationExecutor.apply_migration

    def watched(self, state, migration, **kwargs):
        begin = time.monotonic()
        try:
            return apply(self, state, migration, **kwargs)
        finally:
            found[str(migration)] = time.monotonic() - begin

    MigrationExecutor.apply_migration = watched
    return found


def must_be_said(field):
    is_number = field.get_internal_type().endswith("IntegerField")  # the key of what a history tells of
    return field.unique or not (field.has_default() or field.null or (field.blank and not is_number))


def held(tables):
    """{(table, column): (rows, hash of what stands in it)}, in the order of the key."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            columns = ", ".join(map(connection.ops.quote_name, names))
            cursor.execute(f"SELECT {columns} FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
            rows = sorted(cursor.fetchall(), key=lambda each: str(each[0]))
            for at, name in enumerate(names):
                text = "\n".join(repr(each[at]) for each in rows)
                found[table, name] = (len(rows), hashlib.sha256(text.encode()).hexdigest())
    return found


def main(from_where):
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    if connection.introspection.table_names():
        sys.exit(f"{connection.settings_dict['NAME']} is not empty: it would be overwritten.")
    if from_where == "previous":
        call_command("migrate", verbosity=0, skip_checks=True)
    executor = MigrationExecutor(connection)
    targets = {"first": first, "previous": previous}[from_where](executor)
    assert targets
    executor.migrate(targets)
    refused = fill(MigrationExecutor(connection).loader.project_state(targets).apps)
    grown = grow(MigrationExecutor(connection).loader.project_state(targets).apps) if ROWS else []
    tables = [table for table in connection.introspection.table_names() if table.split("_")[0] in ours() and table not in WAITING]
    before = held(tables)
    full = {table for (table, _column), (count, _hash) in before.items() if count}
    seconds = timed()
    call_command("migrate", verbosity=0, skip_checks=True)
    kept = set(connection.introspection.table_names())
    after = held([table for table in tables if table in kept])
    changed = [
        f"{table}.{column}: {before[table, column][0]} rows, {after[table, column][0]} after"
        for table, column in before
        if (table, column) in after and column not in COMPUTED and before[table, column] != after[table, column]
    ]
    lost = sorted({table for table in full if table not in kept})
    gone = sorted(
        f"{table}.{column}"
        for table, column in before
        if table in kept and (table, column) not in after and table in full and column not in REPLACED
    )
    print(f"from {', '.join('.'.join(key) for key in targets)}")
    print(f"{len(full)} tables held rows; none in: {refused or 'no other'}")
    print(f"changed: {changed or 'nothing'}; tables gone: {lost or 'none'}; columns gone: {gone or 'none'}")
    slowest = sorted(seconds.items(), key=lambda one: one[1], reverse=True)[:5]
    print(f"{ROWS:,} rows each in {', '.join(grown)}: " if ROWS else "", end="")
    print("the slowest migrations: " + ", ".join(f"{name} {taken:.1f} s" for name, taken in slowest))
    is_slow = ROWS and (len(grown) < len(LARGE) - 2 or slowest[0][1] > MOST_SECONDS)
    return int(bool(changed or lost or gone or len(full) < 10 or is_slow))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    if sys.argv[1:] not in (["first"], ["previous"]):
        sys.exit("python -m tests.upgrading first|previous")
    django.setup()
    sys.exit(main(sys.argv[1]))
