"""The files of a company that turns out to be another one go there with the rest, and come back when it is undone.

None is attached to what went while the file came in.
"""

import pytest

from certifications import merging
from tanxun.records.attachments.storing import Arriving
from tanxun.records.models import Attachment, StoredFile
from tests import factory
from tests.attaching import attach, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def test_files_move_with_the_company_and_back():
    """UPL-08: what both have stays with the one that goes; what was removed moves, too."""
    kept, gone = factory.company(), factory.company()
    own, removed = factory.attachment(gone, pdf("1")), factory.attachment(gone, pdf("2"))
    removed.remove("误传")
    twice = [factory.attachment(each, pdf("3")) for each in (kept, gone)]
    made = merging.merge(kept, gone, None, "同一家")
    assert set(Attachment.with_deleted.of(kept)) == {own, removed, twice[0]}
    assert set(Attachment.with_deleted.of(gone)) == {twice[1]}
    merging.undo(made.pk, None)
    assert set(Attachment.with_deleted.of(kept)) == {twice[0]}
    assert set(Attachment.with_deleted.of(gone)) == {own, removed, twice[1]}


@pytest.fixture
def meanwhile(monkeypatch):
    """Let somebody do something while the last of a file comes in."""

    def arrange(act):
        finish = Arriving.finish
        monkeypatch.setattr(Arriving, "finish", lambda arriving: (act(), finish(arriving))[1])

    return arrange


def merged(company):
    merging.merge(factory.company(), company, None, "同一家")


def removed(record):
    record.remove("误录")


@pytest.mark.parametrize(
    ("record", "go"),
    [(factory.company, merged), (factory.statement, removed), (factory.policy, removed)],
    ids=["merged company", "removed statement", "removed policy"],
)
def test_a_record_that_goes_while_a_file_comes_in_takes_none_and_nobody_is_told_that_it_did(client, media, meanwhile, record, go):
    client.force_login(factory.user("editor"))
    record = record()
    meanwhile(lambda: go(record))
    answer = attach(client, record)
    assert answer.status_code == 422
    assert "was removed or merged meanwhile" in answer.content.decode()
    assert not Attachment.with_deleted.exists()
    assert not StoredFile.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
