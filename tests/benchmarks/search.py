"""Search measured against the first page of the same list, on a database that `tests.benchmarks.dataset` loaded.

    DATA_DIR=… DATABASE_URL=… python -m tests.benchmarks.search

Prints medians in milliseconds and their ratio to the first page.
"""

import os
import statistics
import time

import django
from django.http import QueryDict

ROUNDS = 7
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


def main() -> None:
    from django.db import connection

    from certifications.models import VerificationStatement

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
    main()
