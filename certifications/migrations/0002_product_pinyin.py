from django.db import migrations, models

from tanxun.search.fold import pinyin_keys


def fill(apps, schema_editor):
    for product in apps.get_model("certifications", "Product").objects.using(schema_editor.connection.alias).iterator():
        full, initials = pinyin_keys(product.name)
        product.pinyin, product.pinyin_initials = full[:600], initials[:200]
        product.save(update_fields=["pinyin", "pinyin_initials"])


class Migration(migrations.Migration):
    """Products are found by pinyin and initials, as companies are."""

    dependencies = [("certifications", "0001_companies_and_statements")]

    operations = [
        operation
        for model in ("product", "historicalproduct")
        for operation in (
            migrations.AddField(
                model, "pinyin", models.CharField(default="", editable=False, max_length=600), preserve_default=False
            ),
            migrations.AddField(
                model,
                "pinyin_initials",
                models.CharField(db_index=True, default="", editable=False, max_length=200),
                preserve_default=False,
            ),
        )
    ] + [migrations.RunPython(fill, migrations.RunPython.noop)]
