"""`import_newsletter`: what it says, what it leaves, and how it ends."""

import io
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest.management.commands import import_newsletter
from tanxun.digest.models import Draft, Newsletter
from tests import factory
from tests.test_intake import ISSUE, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(tmp_path, editor):  # noqa: F811
    path = tmp_path / "周报.txt"
    path.write_text(ISSUE, encoding="utf-8")
    return path


def run(*args):
    """(what it printed, what it complained about, exit code)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_newsletter", *map(str, args), "--lang", "en", stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


def test_it_stores_drafts_and_says_what_it_found(issue):
    said, _errors, code = run(issue, "--date", "2026-03-13")
    assert code == 0
    assert "4 items, 4 drafts" in said
    assert "policy 1, statement 2, report 1" in said
    assert Draft.objects.filter(status="pending").count() == 4
    assert str(Newsletter.objects.get().reference_date) == "2026-03-13"


def test_again_it_adds_nothing_and_says_so(issue):
    run(issue)
    said, _errors, code = run(issue)
    assert (code, Draft.objects.count()) == (0, 4)
    assert "nothing was added" in said


def test_accept_all_accepts_what_leaves_no_question_and_names_the_rest(issue):
    factory.company("苏州星河家电有限责任公司")
    factory.company("苏州星河家电股份有限公司")
    said, _errors, code = run(issue, "--date", "2026-03-13", "--accept-all")
    assert code == 0
    assert "3 accepted, 0 of them merged into known records; 1 left" in said
    assert "星河家电:获产品碳足迹核查声明: " in said
    assert (VerificationStatement.objects.count(), Policy.objects.count()) == (1, 1)


def test_accept_all_on_known_text_accepts_what_was_pending(issue):
    run(issue)
    said, _errors, _code = run(issue, "--accept-all")
    assert "4 accepted" in said
    assert not Draft.objects.filter(status="pending").exists()


def test_the_user_named_stands_in_the_history(issue):
    user = factory.user("editor", username="chen")
    run(issue, "--accept-all", "--as", "chen")
    assert Policy.objects.get().history.first().history_user == user
    assert Newsletter.objects.get().created_by == user


def test_without_a_name_it_is_the_first_superuser_else_the_system(issue):
    run(issue, "--accept-all")
    assert Policy.objects.get().history.first().history_user.username == "manage"


def test_standard_input(issue, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ISSUE.encode())))
    _said, _errors, code = run("-")
    assert (code, Newsletter.objects.count()) == (0, 1)


def test_a_bad_file_ends_with_1_and_the_good_ones_are_in(issue, tmp_path):
    photo = tmp_path / "photo.docx"
    photo.write_bytes(b"\xff\xd8\xff\xe0" * 50)
    _said, errors, code = run(photo, tmp_path / "none.txt", issue)
    assert code == 1
    assert "photo.docx: " in errors
    assert "none.txt: " in errors
    assert "2 of 3" in errors
    assert Newsletter.objects.count() == 1


def test_misuse_ends_with_2_and_stores_nothing(issue):
    assert run(issue, "--as", "nobody")[2] == 2
    assert not Newsletter.objects.exists()
    command = import_newsletter.Command()
    command._called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        command.create_parser("manage.py", "import_newsletter").parse_args([str(issue), "--date", "13.3.2026"])
    assert ended.value.code == 2
