from django.db import migrations, models

HELP = "Shown to readers beside the policy"


def note():
    return models.CharField(blank=True, help_text=HELP, max_length=200, verbose_name="note")


class Migration(migrations.Migration):
    dependencies = [("certifications", "0016_names_of_programmes")]

    operations = [
        *(
            migrations.AlterField(model_name=name, name="note", field=note())
            for name in ("companypolicy", "historicalcompanypolicy", "historicalstatementpolicy", "statementpolicy")
        ),
        migrations.RemoveIndex(model_name="verificationstatement", name="statement_followed_up"),
        migrations.AddIndex(
            model_name="verificationstatement",
            index=models.Index(
                fields=[
                    "company",
                    "statement_type",
                    "due_on",
                    "is_due_computed",
                    "register_status",
                    "removed_on",
                    "list_stage",
                    "deleted_at",
                ],
                name="statement_followed_up",
            ),
        ),
    ]
