"""Many processes that read and then write the same row: each has its turn, none is told that the database is locked (CWE-362)."""

import os

import pytest

from tests.commanded import Site

ROUNDS = int(os.environ.get("WRITERS_ROUNDS", "60"))  # the goal is measured with 1000
WRITERS = 8
WRITE = """
from django.db import transaction
from certifications.models import CompanyNote
for _round in range({rounds}):
    with transaction.atomic():
        note = CompanyNote.objects.select_for_update().get()
        note.version += 1
        note.save(update_fields=["version"])
        factory.product(note.company, name=f"{name}-{{_round}}")
print("done")
"""


@pytest.mark.django_db  # for the database that is copied
def test_eight_that_read_and_write_lose_nothing_and_are_never_locked_out(blank, tmp_path):
    """DB-01"""
    site = Site(tmp_path / "site", like=blank)
    site.do(
        "from certifications.models import CompanyNote\n"
        "user = User.objects.create_user('boss')\n"
        "CompanyNote.objects.create(company=factory.company(), written_by=user, text='x')"
    )
    before = int(site.ask("__import__('certifications.models').models.CompanyNote.objects.get().version"))
    code = [f"from tests import factory\n{WRITE.format(rounds=ROUNDS, name=f'writer {number}')}" for number in range(WRITERS)]
    writers = [site.begin("shell", "-v0", "-c", each) for each in code]
    for writer in writers:
        said, faults = writer.communicate(timeout=600)
        assert (said.strip(), writer.returncode) == ("done", 0), faults
    assert (
        int(site.ask("__import__('certifications.models').models.CompanyNote.objects.get().version")) == before + WRITERS * ROUNDS
    )
    assert int(site.ask("__import__('certifications.models').models.Product.objects.count()")) == WRITERS * ROUNDS
