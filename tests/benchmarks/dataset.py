"""Loads what `make_dataset.py` made into an empty database, whichever DATABASE_URL names. Run by `databases.py`.

    python -m tests.benchmarks.make_dataset 1m 1000000
    DATA_DIR=… DATABASE_URL=… python -m tests.benchmarks.dataset 1m

Rows go past the ORM, with the values that the model's own `derive_all` and fields make; without the history.
"""

import csv
import datetime as dt
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import django
from django.core.management.color import no_style

BATCH = 5_000
CYCLE = {"validity_rule": "reporting_period", "cycle_months": 12}
END = {"validity_rule": "printed_end"}


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


# How rows get into a table


def as_stored(model: Any, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Each of `rows` (all with the same names) as the table holds it.

    What is given and what is derived is prepared row by row; all else is what a new instance has, prepared once.
    """
    from django.db import connection

    rows, fields = iter(rows), model._meta.concrete_fields
    usual: list[Any] = []
    while given := list(islice(rows, BATCH)):
        made = [model(**values) for values in given]
        if hasattr(model, "derive_all"):
            model.derive_all(made)
        if not usual:
            usual = [field.get_db_prep_save(field.pre_save(made[0], add=True), connection) for field in fields]
            names = {*given[0], *getattr(model, "derived_fields", ())}
            varied = [(place, f, f.attname) for place, f in enumerate(fields) if {f.name, f.attname} & names]
        for one in made:
            row = usual.copy()
            for place, field, name in varied:
                row[place] = field.get_db_prep_save(getattr(one, name), connection)
            yield tuple(row)


def write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """All of `rows` into the table of `model`, past its `save` and whatever watches writes."""
    from django.db import connection

    columns = [connection.ops.quote_name(field.column) for field in model._meta.concrete_fields]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, without_indexes(cursor, model._meta.db_table):
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
            connection.connection.executemany(statement, as_stored(model, rows))
            return
        made = as_stored(model, rows)
        while batch := list(islice(made, BATCH)):  # read before the copy, which holds the connection to its end
            with cursor.connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


@contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """The table without its indexes; they are made anew at once, which is much faster than row by row."""
    from django.db import connection

    if connection.vendor == "sqlite":
        known = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
    else:
        known = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'x'))"
        )
    cursor.execute(known, [table])
    indexes = cursor.fetchall()
    for name, _statement in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, statement in indexes:
        cursor.execute(statement)


# What the rows are


def load(folder: Path) -> None:
    """The reference data of the house and the data set. The database must be migrated and hold no statement."""
    from django.db import connection, transaction

    from tanxun.site import reference

    reference.load()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Without looking up each foreign key, which only a superuser may ask for.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'")
        load_companies(folder)
        load_statements(folder, load_bodies(folder), load_types(folder), load_products(folder))


def load_bodies(folder: Path) -> list[int]:
    from certifications.models import VerificationBody

    return [
        VerificationBody.objects.create(
            slug=f"set-{row['code'].lower()}", name=f"{row['short_name']}·{row['code']}", full_name=row["name"]
        ).pk
        for row in rows_of(folder, "bodies")
    ]


def load_types(folder: Path) -> list[Any]:
    """The types; those of whole companies cover a year, and the next falls due a year after its end."""
    from certifications.models import StatementType

    return [
        StatementType.objects.create(
            slug=f"set-{row['code'].lower()}",
            name=f"{row['name']}（{row['code']}）",
            evidence_kind="statement",
            **(CYCLE if row["code"] in ("GHG", "ISO14064") else END),
        )
        for row in rows_of(folder, "types")
    ]


def load_companies(folder: Path) -> None:
    from certifications.models import Company, CompanyName
    from tanxun.records.models import Industry
    from tanxun.regions.models import Region

    known = set(Region.objects.values_list("code", flat=True))
    industries = dict(Industry.objects.filter(parent__isnull=False).values_list("name", "code"))
    companies = (
        {
            "id": int(row["id"]),
            "name": row["legal_name"],
            "credit_code": row["credit_code"] or None,
            "region_id": row["county_code" if row["county_code"] in known else "province_code"],
            "industry_id": industries.get(row["industry"]),
        }
        for row in rows_of(folder, "companies")
    )
    write(Company, companies)
    short = ((int(row["id"]), row["short_name"]) for row in rows_of(folder, "companies"))
    write(CompanyName, ({"id": key, "company_id": key, "name": name} for key, name in short))


def load_products(folder: Path) -> dict[tuple[int, str], int]:
    """Key of each product, by company and name."""
    from certifications.models import Product

    named = {(int(row["company_id"]), row["product_name"]) for row in rows_of(folder, "statements") if row["product_name"]}
    products = {key: number for number, key in enumerate(sorted(named), 1)}
    write(Product, ({"id": number, "company_id": key[0], "name": key[1]} for key, number in products.items()))
    return products


def load_statements(folder: Path, bodies: list[int], types: list[Any], products: dict[tuple[int, str], int]) -> None:
    from certifications.models import VerificationStatement

    write(VerificationStatement, (statement(row, bodies, types) for row in rows_of(folder, "statements")))
    joined = (
        {
            "id": int(row["id"]),
            "verificationstatement_id": int(row["id"]),
            "product_id": products[int(row["company_id"]), row["product_name"]],
        }
        for row in rows_of(folder, "statements")
        if row["product_name"]
    )
    write(VerificationStatement.products.through, joined)


def statement(row: dict[str, str], bodies: list[int], types: list[Any]) -> dict[str, Any]:
    """A row of statements.csv as values of a statement: a figure of a product per kilogram, of a company in tonnes."""
    figures = (None, row["emissions"]) if row["product_name"] else (row["emissions"], None)
    return {
        "id": int(row["id"]),
        "company_id": int(row["company_id"]),
        "statement_type": types[int(row["type_id"]) - 1],
        "verification_body_id": bodies[int(row["body_id"]) - 1] if row["body_id"] else None,
        "is_body_undisclosed": not row["body_id"],
        "certificate_number": row["certificate_no"],
        "issued_on": day(row["issued_on"]),
        "valid_until": day(row["valid_until"]),
        "period_start": day(f"{row['reporting_year']}-01-01"),
        "period_end": day(f"{row['reporting_year']}-12-31"),
        "emissions_tco2e": figures[0],
        "footprint_kgco2e": figures[1],
        "source_url": row["source_url"],
        "summary": row["summary"],
    }


def main(folder: Path) -> None:
    """Migrate, load, write the search index and let the database count its rows; says how long each took."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    load(folder)
    print(f"{connection.vendor}: loaded in {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    call_command("reindex")
    print(f"index written in {time.perf_counter() - start:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanxun.settings")
    django.setup()
    main(Path(sys.argv[1]))
