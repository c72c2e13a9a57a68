from django.db import migrations

from tanxun.search.operations import CreateSearchIndex


class Migration(migrations.Migration):
    """News items have a search index."""

    dependencies = [
        ("digest", "0003_words_for_the_reader"),
        ("search", "0001_marks_and_synonyms"),
    ]

    operations = [CreateSearchIndex("NewsItem")]
