"""Search measured against the first page of the same list, on whichever database DATABASE_URL names.

    python make_dataset.py --statements 100000 --seed 7 --out 100k      # of the shared tools
    DATA_DIR=… DATABASE_URL=… python -m tests.benchmarks.search 100k    # fills an empty database, then measures

Prints medians in milliseconds and their ratio to the first page; run again, it only measures.
"""

import csv
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import django
from django.http import QueryDict

ROUNDS = 7
BATCH = 5_000
ASKED = {
    "statements": (
        "碳",
        "电子",
        "炘隆超净",
        "麒麟瑞兽",
        "江苏 电子 sgs",
        "dianzi",
        "xlcj",
        "sgs",
        "-电子",
        '"电子科技"',
        "碳足迹",
        "PCF-2506-0000001",
    ),
    "companies": ("电", "电子", "炘隆超净", "麒麟瑞兽", "dianzi", "xlcj", "江苏 -电子"),
}


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def in_batches(model, objects) -> None:
    objects = iter(objects)
    while batch := list(islice(objects, BATCH)):
        model._default_manager.bulk_create(batch)


def fill(folder: Path) -> None:
    """The data set as records of the house, by its own bulk writes, without the history."""
    from tanxun.site import reference

    reference.load()
    fill_companies(folder)
    fill_statements(folder, fill_bodies(folder), fill_types(folder), fill_products(folder))


def fill_bodies(folder: Path) -> list:
    from certifications.models import VerificationBody

    return [
        VerificationBody.objects.create(
            slug=f"set-{row['code'].lower()}", name=f"{row['short_name']}·{row['code']}", full_name=row["name"]
        )
        for row in rows_of(folder, "bodies")
    ]


def fill_types(folder: Path) -> list:
    from certifications.models import StatementType

    kind = {"evidence_kind": "statement", "validity_rule": "printed_end"}
    return [
        StatementType.objects.create(slug=f"set-{row['code'].lower()}", name=f"{row['name']}（{row['code']}）", **kind)
        for row in rows_of(folder, "types")
    ]


def fill_companies(folder: Path) -> None:
    from certifications.models import Company, CompanyName
    from tanxun.regions.models import Region

    known = set(Region.objects.values_list("code", flat=True))
    companies = (
        Company(
            pk=int(row["id"]),
            name=row["legal_name"],
            credit_code=row["credit_code"] or None,
            region_id=row["county_code" if row["county_code"] in known else "province_code"],
        )
        for row in rows_of(folder, "companies")
    )
    in_batches(Company, companies)
    names = (CompanyName(company_id=int(row["id"]), name=row["short_name"]) for row in rows_of(folder, "companies"))
    in_batches(CompanyName, names)


def fill_products(folder: Path) -> dict[tuple[int, str], int]:
    """Key of each product, by company and name."""
    from certifications.models import Product

    named = {(int(row["company_id"]), row["product_name"]) for row in rows_of(folder, "statements") if row["product_name"]}
    products = {key: number for number, key in enumerate(sorted(named), 1)}
    in_batches(Product, (Product(pk=number, company_id=key[0], name=key[1]) for key, number in products.items()))
    return products


def fill_statements(folder: Path, bodies: list, types: list, products: dict[tuple[int, str], int]) -> None:
    from certifications.models import VerificationStatement

    def day(text: str) -> dt.date | None:
        return dt.date.fromisoformat(text) if text else None

    statements = (
        VerificationStatement(
            pk=int(row["id"]),
            company_id=int(row["company_id"]),
            statement_type=types[int(row["type_id"]) - 1],
            verification_body=bodies[int(row["body_id"]) - 1] if row["body_id"] else None,
            is_body_undisclosed=not row["body_id"],
            certificate_number=row["certificate_no"],
            issued_on=day(row["issued_on"]),
            valid_until=day(row["valid_until"]),
            summary=row["summary"],
        )
        for row in rows_of(folder, "statements")
    )
    in_batches(VerificationStatement, statements)
    join = VerificationStatement.products.through
    joined = (
        join(verificationstatement_id=int(row["id"]), product_id=products[int(row["company_id"]), row["product_name"]])
        for row in rows_of(folder, "statements")
        if row["product_name"]
    )
    in_batches(join, joined)


def median(question: str, slug: str) -> tuple[float, str]:
    """Milliseconds of one page with its count, and the count."""
    from tanxun.listing.page import find

    times = []
    for _round in range(ROUNDS):
        params = QueryDict(mutable=True)
        params.update({"q": question} if question else {})
        start = time.perf_counter()
        page = find(slug).rows(params).one_page()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), f"{page.count}{'+' if page.is_capped else ''}"


def sizes() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, pg_total_relation_size(oid) / 1048576 FROM pg_class WHERE relname LIKE 'search_cert%' "
                "AND relkind = 'r' ORDER BY 2 DESC LIMIT 3"
            )
            return ", ".join(f"{name} {size} MB" for name, size in cursor.fetchall())
        cursor.execute("PRAGMA page_count")
        return f"whole file {cursor.fetchone()[0] * 4096 // 1048576} MB"


def main(folder: Path) -> None:
    from django.core.management import call_command
    from django.db import connection

    from certifications.models import VerificationStatement
    from tanxun.search import index

    call_command("migrate", verbosity=0)
    if not VerificationStatement.objects.exists():
        start = time.perf_counter()
        fill(folder)
        print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    if index.write_all():
        print(f"index written in {time.perf_counter() - start:.0f} s", flush=True)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(f"{connection.vendor}: {VerificationStatement.objects.count():,} statements; {sizes()}")
    for slug, asked in ASKED.items():
        first, count = median("", slug)
        print(f"{slug:<12}{'(first page)':<20}{first:8.1f} ms        {count:>8} rows")
        for question in asked:
            took, count = median(question, slug)
            print(f"{slug:<12}{question:<20}{took:8.1f} ms {took / first:5.1f}x {count:>8} rows", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanxun.settings")
    django.setup()
    main(Path(sys.argv[1]))
