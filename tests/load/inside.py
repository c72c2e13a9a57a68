"""What the rows have done within a process of the site's settings, on the database that is served. Run by them; prints JSON.

DATABASE_URL=… DJANGO_SETTINGS_MODULE=tanxun.settings python -m tests.load.inside WHAT [ARGUMENTS]
"""

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import django


def people(password: str, readers: str, writers: str) -> dict[str, list[str]]:
    """Accounts of that password: {role: names}; one who exports and one who brings sheets in are managers."""
    from django.contrib.auth.hashers import make_password

    from tanxun.site.models import User

    kept = make_password(password)
    wanted = {"reader": int(readers), "editor": int(writers), "manager": 2}
    names = {role: [f"load-{role}-{number}" for number in range(count)] for role, count in wanted.items()}
    for role, those in names.items():
        for name in those:
            User.objects.create(username=name, role=role, password=kept)
    return names


def keys(count: str) -> dict[str, list[int]]:
    """Keys of companies with statements and of statements whose status is not yet said, to be written to."""
    from certifications.models import VerificationStatement

    rows = VerificationStatement.objects.exclude(register_status="suspended").order_by("pk")[: int(count)]
    found = list(rows.values_list("pk", "company_id"))
    return {"statements": [pk for pk, _company in found], "companies": list(dict.fromkeys(company for _pk, company in found))}


def missing(path: str, sheet_rows: str) -> dict[str, int]:
    """Of what the site acknowledged ({notes, changes, sheets: tokens} as JSON), how many the database does not hold."""
    from certifications.models import CompanyNote, VerificationStatement

    said: dict[str, list[str]] = json.loads(Path(path).read_text(encoding="utf-8"))
    notes = set(CompanyNote.objects.values_list("text", flat=True))
    reasons = set(
        VerificationStatement.history.exclude(history_change_reason=None).values_list("history_change_reason", flat=True)
    )
    rows = VerificationStatement.objects.all()
    brought = {prefix: rows.filter(certificate_number__startswith=prefix).count() for prefix in said.get("sheets", ())}
    return {
        "notes": len(set(said.get("notes", ())) - notes),
        "changes": len(set(said.get("changes", ())) - reasons),
        "rows of sheets": sum(abs(int(sheet_rows) - count) for count in brought.values()),
    }


def audit(entries: str) -> int:
    """So many entries in the history of the statements, by one INSERT … SELECT; how many there are then."""
    from django.db import connection, transaction

    from certifications.models import VerificationStatement

    model, kept = VerificationStatement, VerificationStatement.history.model
    quote, count = connection.ops.quote_name, model.objects.count()
    names = [field.column for field in model._meta.concrete_fields]
    values = [f"'load ' || turn || ' of ' || {quote(name)}" if name == "summary" else quote(name) for name in names]
    table, source = quote(kept._meta.db_table), quote(model._meta.db_table)
    statement = (
        f"WITH RECURSIVE turns(turn) AS (SELECT 1 UNION ALL SELECT turn + 1 FROM turns WHERE turn < %s) "  # noqa: S608
        f"INSERT INTO {table} ({', '.join(map(quote, names))}, history_date, history_change_reason, history_type) "
        f"SELECT {', '.join(values)}, CURRENT_TIMESTAMP, 'load', '~' FROM {source}, turns"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(statement, [max(1, int(entries) // count)])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return int(kept.objects.count())


def queue() -> dict[str, int]:
    """Of all exports: how many began before one that was asked for earlier, how many did not finish."""
    from tanxun.jobs.models import Job, State

    jobs = list(Job.objects.filter(kind__endswith="write_export").order_by("created_at"))
    begun = [job.started_at for job in jobs if job.started_at]
    return {
        "asked for": len(jobs),
        "unfinished": sum(job.state != State.DONE for job in jobs),
        "out of order": sum(later < earlier for earlier, later in pairwise(begun)),
    }


WORK: dict[str, Callable[..., Any]] = {work.__name__: work for work in (people, keys, missing, audit, queue)}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
