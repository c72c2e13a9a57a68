from django.db import migrations

from tanxun.search.engines import PostgreSQL


def tables(schema_editor):
    """The index tables that stand; those made from now on have the index already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_indexes WHERE schemaname = current_schema() AND indexname = tablename || '_words' "
            "AND to_regclass(quote_ident(tablename || '_part')) IS NULL"
        )
        return [row[0] for row in cursor.fetchall()]


def make_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in tables(schema_editor):
            for statement in PostgreSQL().part_index(table):
                schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Common words are looked for in a part of the rows first."""

    dependencies = [("search", "0001_marks_and_synonyms")]

    operations = [migrations.RunPython(make_indexes, migrations.RunPython.noop)]
