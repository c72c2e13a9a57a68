from django.db import migrations, models

from tanxun.search.operations import CreateSearchIndex

INITIALS = (
    "historicalissuingbody",
    "historicalissuingbodyalias",
    "issuingbody",
    "issuingbodyalias",
)
TEXTS = (
    "historicalkeypoint",
    "historicalpolicydocument",
    "historicaltopic",
    "keypoint",
    "policydocument",
    "topic",
)
INDEXED = (
    "Topic",
    "IssuingBody",
    "Policy",
)


class Migration(migrations.Migration):
    """Search has an index of its own: the columns that it read before go."""

    dependencies = [
        ("policies", "0002_search_text_and_history"),
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
