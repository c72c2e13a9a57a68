"""What need not stay in the folder of sheets. One of settings.WORKER_DUTIES."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from certifications.models import SheetImport

KEPT = dt.timedelta(days=30)
# For so long a file may wait for its record, and what was unpacked for a check that is under way.
UNKNOWN = dt.timedelta(days=1)


def remove(go_on: Callable[[], bool] = lambda: True) -> None:
    """Files let go after KEPT; those whose record was never written, and what a killed worker left unpacked."""
    now = time.time()
    ages = {path: now - moment for path in SheetImport.folder().iterdir() if (moment := changed(path))}
    old = {path: age for path, age in ages.items() if age > UNKNOWN.total_seconds()}
    if not old:
        return
    keys = set(map(str, SheetImport.objects.values_list("key", flat=True)))
    for path, age in old.items():
        if go_on() and (age > KEPT.total_seconds() or path.name.partition(".")[0] not in keys):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def changed(path: Path) -> float | None:
    """When, in seconds; None where it went meanwhile: others clean up, too."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return None
