"""Markup in every text that people or newsletters may bring, written past all forms: for test_markup_in_browser, on its site."""

from django.apps import apps
from django.db import connection, models

from certifications.models import SheetImport
from tanxun.records import sealing

MARK = "\"'><img src=x onerror=alert(1)></script>"
LINK = "javascript:alert(1)//"
OURS = {"certifications", "policies", "digest", "alerts", "jobs", "records", "regions", "site", "listing"}
# What has a form of its own that no text can break out of: keys, codes and choices, what is computed, what opens the site.
OF_A_FORM = {
    *("password", "username", "email", "kind", "effect", "place", "language", "code", "key", "model", "object_id", "key_hash"),
    *("hint", "address", "token", "page", "query", "columns", "slug", "cue_words", "shared_with_role", "credit_code", "field"),
    *("lead_days", "digest", "text_hash", "week", "recipient", "secret", "aliases", "match_key", "history_type"),
}


def poison() -> None:
    """Raw SQL, since no form and few constraints would let it pass. A number keeps unique names apart."""
    sealing.unseal()  # else the history keeps itself as it is
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label not in OURS:
                continue
            texts = {field.column: mark for field in model._meta.concrete_fields if (mark := marked(field))}
            if texts:
                number = "history_id" if model.__name__.startswith("Historical") else model._meta.pk.column
                changes = ", ".join(f'"{column}" = %s || "{number}"' for column in texts)
                rows = "WHERE \"username\" != 'admin'" if model._meta.label == "site.User" else ""
                cursor.execute(f'UPDATE "{model._meta.db_table}" SET {changes} {rows}', list(texts.values()))  # noqa: S608 - our own names
    for sheet in SheetImport.objects.all():
        sheet.heads = [[f"{MARK}{word}", field] for word, field in sheet.heads]
        sheet.lines = [{**line, "words": MARK} for line in sheet.lines]
        sheet.save()


def marked(field: models.Field) -> str:
    """What it is to hold, "" for its own."""
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.JSONField)
    is_kept = field.name in OF_A_FORM or field.name.endswith(("_folded", "_key", "_code", "_order"))
    if not is_text or is_kept or field.choices or field.primary_key or str(field) == "digest.Newsletter.text":
        return ""
    mark = LINK + MARK if isinstance(field, models.URLField) else MARK
    return mark if (field.max_length or 10**6) >= len(mark) + 8 else ""
