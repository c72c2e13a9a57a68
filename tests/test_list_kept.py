"""What a list keeps between requests (its form, its heads, the statement that reads its options) is never old nor another's."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import QueryDict
from django.utils import translation

from certifications.models import VerificationBody
from tanxun.listing.controls import heads, panel
from tanxun.listing.models import Habit, SavedFilter
from tanxun.listing.page import find
from tests import factory as f

pytestmark = pytest.mark.django_db

QUERIES = {
    "statements": (
        "",
        "sort=-company",
        "region=320000",
        "region!=320000&per_page=50",
        "type=ghg_verification&columns=company,type",
    ),
    "companies": ("", "region=320000", "q=样例&page=2"),
    "policies": ("", "region=320000&level=province", "sort=dated_on"),
    "targets": ("", "year=2030&year!=2031", "indicator=样例&sort=-value"),
    "incentives": ("", "open=1&region=320000", "sort=amount"),
    "bodies": ("", "sort=kind"),
}


def asked(slug, query, user):
    return find(slug).rows(QueryDict(query), user)


@pytest.mark.parametrize("slug", QUERIES)
def test_the_form_is_as_it_would_be_drawn_now(slug):
    """Asked by everybody in turn, twice, in both languages."""
    f.statement(company=f.company(region=f.region("320583")), statement_type=f.statement_type("ghg_verification"))
    owner = f.user("consultant")
    saved = SavedFilter.objects.create(owner=owner, page=slug, name="x", query="sort=name")
    Habit.objects.create(user=owner, page=slug, default_filter=saved)
    users = (AnonymousUser(), owner, f.user("manager"))
    asking = list(product(QUERIES[slug], users, ("zh-hans", "en")))

    def drawn(query, user, language):
        with translation.override(language):
            return panel(asked(slug, query, user), user)

    anew = []
    for one in asking:
        cache.clear()
        anew.append(drawn(*one))
    for one, form in zip(asking, anew, strict=True):
        assert drawn(*one) == form, one


def test_a_choice_that_staff_add_rename_or_remove_is_so_in_the_next_form():
    user = f.user("manager")

    def shows(words):
        return words in panel(asked("statements", "", user), user)

    assert not shows("新来的机构")
    made = f.body("new-one", name="新来的机构")
    assert shows("新来的机构")
    made.name = "改名的机构"
    made.save()
    assert shows("改名的机构")
    assert not shows("新来的机构")
    VerificationBody.objects.filter(pk=made.pk).delete()
    assert not shows("改名的机构")


def test_heads_speak_the_language_and_carry_the_address_of_this_list():
    user, seen = f.user("manager"), []
    for language, query in product(("zh-hans", "en"), ("region=320000", "region=330000", "region=330000&sort=company")):
        with translation.override(language):
            seen.append({head.label: head for head in heads(asked("statements", query, user))})
    assert [heads_["企业"].address for heads_ in seen[:3]] == [
        "region=320000&sort=company",
        "region=330000&sort=company",
        "region=330000&sort=-company",
    ]
    assert [heads_["企业"].sorted for heads_ in seen[:3]] == ["none", "none", "ascending"]
    assert all("Company" in heads_ and "企业" not in heads_ for heads_ in seen[3:])


def test_a_filter_that_is_no_longer_shared_is_no_default_any_more_nor_for_a_role_that_was_taken():
    reader, owner = f.user("editor"), f.user("manager")
    saved = SavedFilter.objects.create(owner=owner, page="statements", name="x", query="q=x", shared_with_role="editor")
    Habit.objects.create(user=reader, page="statements", default_filter=saved)
    assert asked("statements", "", reader).habit.default
    reader.role = "reader"
    assert asked("statements", "", reader).habit.default is None
    reader.role = "editor"
    assert asked("statements", "", reader).habit.default
    SavedFilter.objects.filter(pk=saved.pk).update(shared_with_role="")
    assert asked("statements", "", reader).habit.default is None
