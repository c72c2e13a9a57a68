"""The peer's import of a sheet: row by row, `get_or_create` and `update_or_create`, in one transaction.

    DATABASE_URL=… python -m tests.benchmarks.textbook.importing sheet.csv ROWS

Prints {"seconds", "done", "peak_mb"} for the first so many rows from the middle of the sheet, where new ones follow known ones.
"""

import csv
import datetime as dt
import json
import os
import resource
import sys
import time
from itertools import islice
from pathlib import Path

import django
from django.db import transaction


def take(row):
    """One row of the sheet into the tables."""
    from .models import Company, Product, StatementType, VerificationBody, VerificationStatement

    company, _new = Company.objects.get_or_create(credit_code=row["统一社会信用代码"], defaults={"name": row["企业名称"]})
    body = VerificationBody.objects.get(name=row["核查机构"])
    issued_on = dt.date.fromisoformat(row["签发日期"])
    valid_until = dt.date.fromisoformat(row["有效期至"]) if row["有效期至"] else None
    values = {
        "company": company,
        "region": company.region,
        "province_id": company.region_id and f"{company.region_id[:2]}0000",
        "statement_type": StatementType.objects.get(slug=row["声明类型"]),
        "certificate_number": row["声明编号"],
        "issued_on": issued_on,
        "dated_on": issued_on,
        "valid_until": valid_until,
        "due_on": valid_until,
        "emissions_tco2e": row["排放量"] or None,
        "footprint_kgco2e": row["碳足迹"] or None,
        "source_url": row["来源"],
        "summary": row["摘要"],
    }
    key = row["声明编号"].upper()
    numbered = VerificationStatement.objects.filter(deleted_at=None).exclude(certificate_key="")  # as the index has them
    statement, _new = numbered.update_or_create(verification_body=body, certificate_key=key, defaults=values)
    if row["产品名称"]:
        product, _new = Product.objects.get_or_create(company=company, name=row["产品名称"])
        statement.products.add(product)


def main(path, wanted):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    start = max((len(rows) - wanted) // 2, 0)
    begin, done = time.perf_counter(), 0
    with transaction.atomic():
        for row in islice(rows, start, start + wanted):
            take(row)
            done += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - begin, "done": done, "peak_mb": peak}))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.textbook.settings"
    django.setup()
    main(Path(sys.argv[1]), int(sys.argv[2]))
