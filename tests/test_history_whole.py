"""DATA-12 at the database: whichever way something is written, the newest entry of a record says what its row says.

A write that passes by the signals which make the entries is seen here, for rows are compared with entries and not counted.
"""

import pytest
from django.apps import apps
from django.urls import reverse

from certifications import merging
from certifications.models import Company, VerificationStatement
from tanxun.digest import intake
from tanxun.site import reference, samples
from tests import factory
from tests.sheets import ROW, bring, csv_file, row, vocabulary

pytestmark = pytest.mark.django_db
KEPT = [model for model in apps.get_models() if hasattr(model, "history") and hasattr(model.history, "model")]


def past_the_history():
    """(model, key, field, in the row, in the newest entry) of what stands in a row and not in its history."""
    found = []
    for model in KEPT:
        derived = getattr(model, "derived_fields", ())  # copies of what other fields say, kept without entries of their own
        names = [field.attname for field in model.history.model.tracked_fields if field.name not in derived]
        entries = model.history.model.objects.order_by("history_date", "history_id").values(*names, "history_type")
        newest = {entry[model._meta.pk.attname]: entry for entry in entries}
        rows = {one[model._meta.pk.attname]: one for one in model._base_manager.values(*names)}
        standing = {key for key, one in newest.items() if one["history_type"] != "-"}
        found += [(model.__name__, key, "no row") for key in standing - rows.keys()]
        for key, one in rows.items():
            entry = newest.get(key, {})
            found += [
                (model.__name__, key, name, one[name], entry.get(name)) for name in names if one[name] != entry.get(name, "-")
            ]
    return found


def by_newsletter(client, folder, user):
    reference.load(lambda line: None)
    name, content, day = samples.sample_issues()[0]
    intake.accept_all(intake.bring_in(name, content, reference_date=day, user=user).newsletter, user)


def by_sheet(client, folder, user):
    vocabulary()
    bring(csv_file(folder, ROW, row(number="PCF-0002")))
    bring(csv_file(folder, row(number="PCF-0002", until="2029-01-04"), name="again.csv"))


def by_admin(client, folder, user):
    company = factory.company(region=factory.region("320583"))
    page = reverse("admin:certifications_company_change", args=[company.pk])
    form = client.get(page).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields} | {"website": "https://x.example/", "short_name": "样例"}
    for formset in client.get(page).context["inline_admin_formsets"]:
        sent |= {f"{formset.formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert client.post(page, sent).status_code == 302
    assert Company.objects.get().website == "https://x.example/"


def by_bulk_edit(client, folder, user):
    factory.region()
    statements = [factory.statement(company=factory.company(f"第{n}有限公司")) for n in range(2)]
    sent = {"id": [each.pk for each in statements], "reason": "核对", "region": "昆山", "register_status": "valid"}
    version = client.post("/statements/edit/", sent).context["version"]
    assert client.post("/statements/edit/", sent | {"write": "1", "version": version}).status_code == 302


def by_merge(client, folder, user):
    kept, gone = factory.company("昆山样例电子有限公司"), factory.company("样例电子（昆山）")
    factory.statement(company=gone, products=[factory.product(gone)])
    merging.undo(merging.merge(kept, gone, user, "同一家").pk, user)


def by_bin(client, folder, user):
    statement = factory.statement()
    statement.remove("录错了")
    statement.restore()
    statement.confirm()
    factory.product(statement.company).delete()


WAYS = (by_newsletter, by_sheet, by_admin, by_bulk_edit, by_merge, by_bin)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_written_past_the_history(client, tmp_path, way):
    user = factory.superuser()
    client.force_login(user)
    way(client, tmp_path, user)
    assert sum(model.history.model.objects.count() for model in KEPT) > 1
    assert past_the_history() == []


def test_a_write_past_the_history_is_seen_here():
    statement = factory.statement()
    assert past_the_history() == []
    VerificationStatement.objects.filter(pk=statement.pk).update(summary="悄悄地")
    assert past_the_history() == [("VerificationStatement", statement.pk, "summary", "悄悄地", "")]
