import django.db.models.deletion
from django.db import migrations, models

STATEMENT, HISTORY = "VerificationStatement", "HistoricalVerificationStatement"
KEY = models.CharField(blank=True, editable=False, max_length=80)
TIES = (
    ("company", "certifications.company", "company", True),
    ("consultant", "certifications.company", "consultant", True),
    ("programme", "certifications.programme", "programme", True),
    ("province", "regions.region", "province", False),
    ("recognised_by", "policies.issuingbody", "recognised by", True),
    ("region", "regions.region", "region", False),
    ("replaces", "certifications.verificationstatement", "replaces", True),
    ("statement_type", "certifications.statementtype", "statement type", True),
    ("verification_body", "certifications.verificationbody", "verification body", True),
)
UNREAD = ((STATEMENT, ("certificate_key", "company")), (HISTORY, ("certificate_key", *(name for name, *_rest in TIES))))


def unread(apps, editor):
    """(model, field) of every index to do away with."""
    for name, fields in UNREAD:
        model = apps.get_model("certifications", name)
        for field in fields:
            yield model, model._meta.get_field(field)


def drop(apps, editor):
    """The indexes alone: altering the fields would make SQLite write both tables anew, once for each."""
    for model, field in unread(apps, editor):
        for name in editor._constraint_names(model, [field.column], index=True, unique=False, primary_key=False):
            editor.execute(editor._delete_index_sql(model, name))


def make(apps, editor):
    for model, field in unread(apps, editor):
        field.db_index = True
        for statement in editor._field_indexes_sql(model, field):
            editor.execute(statement)


def tie(target, label, is_editable):
    """What an entry of the history keeps of a foreign key."""
    return models.ForeignKey(
        blank=True,
        db_constraint=False,
        db_index=False,
        editable=is_editable,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=target,
        verbose_name=label,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0011_walked_by_province"),
        ("policies", "0004_indexes_of_declared_lists"),
        ("regions", "0001_regions"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name=STATEMENT, name="statement_number_once_per_body"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make)],
            state_operations=[
                migrations.AlterField(STATEMENT, "certificate_key", KEY),
                migrations.AlterField(
                    STATEMENT,
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="certifications.company",
                        verbose_name="company",
                    ),
                ),
                migrations.AlterField(HISTORY, "certificate_key", KEY),
                *(migrations.AlterField(HISTORY, name, tie(*rest)) for name, *rest in TIES),
            ],
        ),
        migrations.AddConstraint(
            model_name=STATEMENT,
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(certificate_key="", _negated=True), deleted_at__isnull=True),
                fields=("certificate_key", "verification_body"),
                name="statement_number_once_per_body",
                violation_error_message="This body already has a statement with this number.",
            ),
        ),
    ]
