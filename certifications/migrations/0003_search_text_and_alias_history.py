import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from tanxun.search.fold import search_text


def cited(standard):
    joiner = "-" if standard.code.startswith(("GB", "T/", "DB", "HJ", "YD", "SJ")) else ":"
    return f"{standard.code}{joiner}{standard.edition}" if standard.edition else standard.code


PRINTED = {
    "Product": lambda row: (row.name, row.model),
    "VerificationBody": lambda row: (row.name, row.full_name, row.name_en, row.slug),
    "StatementType": lambda row: (row.name, row.full_name, row.name_en),
    "Standard": lambda row: (cited(row), row.title, row.title_en),
    "Programme": lambda row: (row.name, row.name_en),
}


def fill(apps, schema_editor):
    for model, printed in PRINTED.items():
        for row in apps.get_model("certifications", model).objects.using(schema_editor.connection.alias).iterator():
            row.search_text = search_text(*printed(row))
            row.save(update_fields=["search_text"])


class Migration(migrations.Migration):
    """Printed names in the form that search reads, and who changed which alias."""

    dependencies = [
        ("certifications", "0002_product_pinyin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalproduct",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="historicalprogramme",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="historicalstandard",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="historicalstatementtype",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="historicalverificationbody",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="product",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="programme",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="standard",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="statementtype",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.AddField(
            model_name="verificationbody",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.CreateModel(
            name="HistoricalBodyAlias",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_folded", models.CharField(db_index=True, editable=False, max_length=200)),
                ("pinyin", models.CharField(editable=False, max_length=600)),
                ("pinyin_initials", models.CharField(db_index=True, editable=False, max_length=200)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="certifications.verificationbody",
                        verbose_name="verification body",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "historical alias",
                "verbose_name_plural": "historical aliases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
