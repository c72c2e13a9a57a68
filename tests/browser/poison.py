"""Markup in every text that people or newsletters may bring, written past all forms: for test_markup_in_browser, on its site.

A text field that is not listed in LEFT is poisoned, short ones with a shorter mark, JSON wherever Chinese words stand in it.
"""

import re
from urllib.parse import quote

from django.apps import apps
from django.db import connection, models

from tanxun.records import sealing

MARK = "\"'><img src=x onerror=alert(1)></script>"
SHORT = '"><img src=x>'
LINK = "javascript:alert(1)//"
NUMBER = 5  # digits behind the mark, which keep unique names apart
OURS = {"certifications", "policies", "digest", "alerts", "jobs", "records", "regions", "site", "listing"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What stands in an address that somebody typed stays one: forms take no other.
OF_ADDRESSES = {
    "alerts.Hook.address": f"https://hooks.example.com/{MARK}",
    "digest.FeedSource.address": f"https://ministry.example.com/{MARK}",
    "listing.SavedFilter.query": f"q={quote(MARK)}",
    "alerts.Hook.query": f"q={quote(MARK)}",
    "listing.AccessKey.address": f"/statements.atom?q={quote(MARK)}",
}
OF_KEY = "made by the site: a key, a hash, a token or a mark that nothing typed gets into"
OF_CODE = "the name of a list, a field, a function or a language of ours; the code knows no other"
COMPUTED = "computed from a text that is poisoned, to compare and sort by; no page shows it"
OF_DIGITS = "numbers, or a code of fixed signs, refused by the form and read as such wherever it is used"
# {field: why it keeps its own}; of the history of a model, the same.
LEFT = {
    **dict.fromkeys(["site.User.password"], "opens the site"),
    **dict.fromkeys(["jobs.Job.kind", "jobs.Job.effect", "jobs.Job.place", "jobs.Job.language"], OF_CODE),
    **dict.fromkeys(["regions.Region.pinyin_initials"], COMPUTED),
    **dict.fromkeys(["records.FormToken.model", "records.FormToken.object_id"], OF_KEY),
    **dict.fromkeys(["records.StoredFile.digest", "records.StoredFile.key", "records.Proposal.digest"], OF_KEY),
    **dict.fromkeys(["records.Proposal.language", "alerts.Mailbox.language"], OF_CODE),
    **dict.fromkeys(["listing.AccessKey.key_hash", "listing.AccessKey.hint", "listing.DataVersion.token"], OF_KEY),
    **dict.fromkeys(["listing.SavedFilter.page", "listing.Habit.page", "listing.Habit.columns", "alerts.Hook.page"], OF_CODE),
    **dict.fromkeys(["listing.SavedFilter.shared_with_role", "certifications.Conflict.field"], OF_CODE),
    **dict.fromkeys(["certifications.HeadMeaning.field"], OF_CODE),
    **dict.fromkeys(["certifications.SheetImport.digest", "digest.Newsletter.text_hash", "digest.Draft.text_hash"], OF_KEY),
    **dict.fromkeys(["digest.FeedEntry.key", "alerts.Message.recipient", "alerts.Message.key", "alerts.Hook.secret"], OF_KEY),
    **dict.fromkeys(["alerts.Message.kind", "alerts.Reminded.kind"], OF_CODE),
    **dict.fromkeys(
        ["certifications.StatementType.lead_days", "certifications.Company.credit_code", "digest.Digest.week"], OF_DIGITS
    ),
    **dict.fromkeys(["policies.Policy.source_order", "digest.NewsItem.source_order"], COMPUTED),
    "certifications.VerificationStatement.source_order": COMPUTED,
    "digest.Newsletter.text": "poisoned at its end, since drafts lie at places of it",
}


def poison() -> None:
    """Raw SQL, since no form and few constraints would let it pass."""
    sealing.unseal()  # else the history keeps itself as it is
    with connection.cursor() as cursor:
        for model in ours():
            texts = {field.column: mark for field in model._meta.concrete_fields if (mark := marked(field))}
            if texts:
                number = "history_id" if is_history(model) else model._meta.pk.column
                changes = ", ".join(f'"{column}" = %s || "{number}"' for column in texts)
                rows = "WHERE \"username\" != 'admin'" if model._meta.label == "site.User" else ""
                cursor.execute(f'UPDATE "{model._meta.db_table}" SET {changes} {rows}', list(texts.values()))  # noqa: S608 - our own names
        cursor.execute('UPDATE "digest_newsletter" SET "text" = "text" || %s', [f"\n{MARK}\n"])
    for model in ours():
        if found := [field.name for field in model._meta.concrete_fields if isinstance(field, models.JSONField)]:
            for row in model._base_manager.values("pk", *found):
                model._base_manager.filter(pk=row.pop("pk")).update(**{name: deep(value) for name, value in row.items()})


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS and model._meta.managed]


def is_history(model: type[models.Model]) -> bool:
    return model.__name__.startswith("Historical")


def label_of(field: models.Field) -> str:
    """As LEFT names it."""
    return str(field).replace(".Historical", ".")


def deep(value: object) -> object:
    """JSON with the mark before all words of it."""
    if isinstance(value, dict):
        return {key: deep(one) for key, one in value.items()}
    if isinstance(value, list):
        return [deep(one) for one in value]
    return f"{MARK}{value}" if isinstance(value, str) and CHINESE.search(value) else value


def is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField)


def why_left(field: models.Field) -> str:
    """Why a text field keeps its own; "" for one that is poisoned."""
    if field.choices or isinstance(field, models.SlugField):
        return "one of the values or signs that the model allows"
    if field.primary_key:
        return "a key that other rows point to"
    derived = getattr(getattr(field.model, "instance_type", field.model), "derived_fields", {})
    return COMPUTED if field.name in derived else LEFT.get(label_of(field), "")


def marked(field: models.Field) -> str:
    """What it is to hold, "" for its own."""
    if not is_text(field) or why_left(field):
        return ""
    mark = OF_ADDRESSES.get(label_of(field)) or (LINK + MARK if isinstance(field, models.URLField) else MARK)
    return mark if (field.max_length or 10**6) >= len(mark) + NUMBER else SHORT
