"""What is measured within a process of our settings (or the peer's), apart from start-up. Run by the rows; prints JSON.

DATABASE_URL=… DJANGO_SETTINGS_MODULE=… python -m tests.benchmarks.inside WHAT [ARGUMENTS]
"""

import datetime as dt
import json
import os
import re
import resource
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db import connection
from django.http import QueryDict

from tests.benchmarks.sites import below, status

READINGS = 30


def memory() -> float:
    """The most MB that this process held so far; of itself alone, which getrusage mixes with what started it."""
    with suppress(OSError):
        if found := re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M):
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def queries(*addresses: str) -> dict[str, int]:
    """How many queries each page takes when it is asked a second time."""
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    if apps.is_installed("django.contrib.auth"):
        from django.contrib.auth import get_user_model

        client.force_login(get_user_model().objects.filter(is_superuser=True).earliest("pk"))
    found = {}
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200, address
        found[address] = len(seen)
    return found


def workbook(query: str, path: str) -> dict[str, float]:
    """A workbook of the statement list. `grown_mb` is what it took beyond what a small one of another list had taken."""
    from tanxun.listing.files import order
    from tanxun.listing.page import find

    order(find("bodies"), "xlsx", QueryDict("")).write(Path(path), "benchmark")
    before, begin = memory(), time.perf_counter()
    rows = order(find("statements"), "xlsx", QueryDict(query)).write(Path(path), "benchmark")
    return {"rows": rows, "seconds": time.perf_counter() - begin, "grown_mb": memory() - before}


def plain_sql(query: str) -> str:
    """The rows and columns of the statement list for the database's own client: raw, without labels or guard."""
    from tanxun.listing.export import compiled
    from tanxun.listing.page import find
    from tanxun.listing.wording import Joined

    rows = find("statements").rows(QueryDict(query))
    fields = [Joined(column.many()) if column.many else column.path for column in rows.file_columns]
    sql, params = compiled(rows.found.values_list("pk", *fields))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            return cursor.mogrify(sql, params)
    quoted = ["'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(int(value)) for value in params]
    return sql % tuple(quoted)


def reader(path: str, day: str) -> dict[str, Any]:
    """Seconds of each reading of a newsletter, and how many items it has."""
    from tanxun.digest.reader import read
    from tanxun.digest.vocabulary import shipped

    text, vocabulary, seconds = Path(path).read_text(encoding="utf-8-sig"), shipped(), []
    for _reading in range(READINGS):
        begin = time.perf_counter()
        found = read(text, dt.date.fromisoformat(day), vocabulary)
        seconds.append(time.perf_counter() - begin)
    return {"items": len(found.items), "seconds": seconds[3:]}


def change() -> int:
    """Another body for the newest statement of one: what is counted changes with it."""
    from certifications.models import VerificationBody, VerificationStatement

    newest = VerificationStatement.objects.exclude(verification_body=None)[0]
    other = VerificationBody.objects.filter(slug__startswith="set-").exclude(pk=newest.verification_body_id).earliest("pk")
    return VerificationStatement.objects.filter(pk=newest.pk).update(verification_body=other)


def count() -> int:
    from certifications.models import VerificationStatement

    return VerificationStatement.objects.count()


def tallies() -> dict[str, tuple[int, str]]:
    """Rows and hash of every table."""
    from tanxun.site import tables

    found = {model._meta.label: tables.tally(model, "default") for model in tables.kept_models()}
    return {label: (one.rows, f"{one.sum:x}") for label, one in found.items()}


def token() -> str:
    """A token of the administrator's for the API."""
    from django.contrib.auth import get_user_model

    from tanxun.listing.keys import AccessKey

    owner = get_user_model().objects.filter(is_superuser=True).earliest("pk")
    return AccessKey.make(owner, AccessKey.Kind.TOKEN, "benchmark", scopes=[AccessKey.Scope.READ])[1]


def sheet(path: str) -> dict[str, float]:
    """`import_statements`: seconds of guard, reading, matching, checks, moving and history, then of the search index."""
    from django.core.management import call_command

    from certifications.management.commands import import_statements

    write_index, moments = import_statements.write_index, [time.perf_counter()]

    def noted(say: Any) -> None:
        moments.append(time.perf_counter())
        write_index(say)

    import_statements.write_index = noted
    with Path(path).with_suffix(".said").open("w", encoding="utf-8") as said:
        call_command("import_statements", path, "--offline", stdout=said)
    begin, written = moments
    return {"seconds": written - begin, "index_seconds": time.perf_counter() - written, "peak_mb": memory()}


def read_stage(path: str) -> dict[str, float]:
    """Guard, unpacking and every row of a workbook: seconds, and the most MB that this process and the one beside it held."""
    from certifications.sheets.reading import SheetFile

    beside, is_over = [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            beside.extend(status(one, "VmHWM") for one in below(os.getpid())[1:])

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    with SheetFile(Path(path)) as sheet:
        cells = [len(row) - 1 for row in sheet.rows()]
    taken = time.perf_counter() - begin
    is_over.set()
    watcher.join()
    return {"seconds": taken, "rows": len(cells), "columns": max(cells), "peak_mb": memory(), "beside_mb": max(beside)}


WORK: dict[str, Callable[..., Any]] = {
    work.__name__: work for work in (queries, workbook, plain_sql, reader, change, count, tallies, token, sheet, read_stage)
}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(WORK[sys.argv[1]](*sys.argv[2:])))
