"""The queued task that writes what is too much to write at commit."""

from __future__ import annotations

from django_tasks import task

from . import index


@task()
def write_index() -> int:
    """Write everything marked; the number of marks done. Again, there is nothing left to do."""
    return index.write_all()
