from django.db import migrations, models

from tanxun.search.operations import CreateSearchIndex

INITIALS = (
    "bodyalias",
    "company",
    "companyname",
    "historicalbodyalias",
    "historicalcompany",
    "historicalcompanyname",
    "historicalproduct",
    "historicalverificationbody",
    "product",
    "verificationbody",
)
TEXTS = (
    "historicalproduct",
    "historicalprogramme",
    "historicalstandard",
    "historicalstatementtype",
    "historicalverificationbody",
    "product",
    "programme",
    "standard",
    "statementtype",
    "verificationbody",
)
INDEXED = (
    "Company",
    "Product",
    "VerificationBody",
    "StatementType",
    "Standard",
    "Programme",
    "VerificationStatement",
)


class Migration(migrations.Migration):
    """Search has an index of its own: the columns that it read before go."""

    dependencies = [
        ("certifications", "0006_indexes_of_live_statements"),
        ("search", "0001_marks_and_synonyms"),
    ]

    operations = [
        # With a default first, so that the way back can fill the column.
        *(
            migrations.AlterField(name, "pinyin_initials", models.CharField(default="", editable=False, max_length=200))
            for name in INITIALS
        ),
        *(migrations.RemoveField(name, "pinyin_initials") for name in INITIALS),
        *(migrations.RemoveField(name, "search_text") for name in TEXTS),
        *(CreateSearchIndex(name) for name in INDEXED),
    ]
