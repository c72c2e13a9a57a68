"""The files of a company that turns out to be another one go there with the rest, and come back when it is undone."""

import pytest

from certifications import merging
from tanxun.records.models import Attachment
from tests import factory
from tests.attaching import pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


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
