"""The migration operation that makes the index table of a model, and marks the records that already stand."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

from .engines import engine_of, table_of


class CreateSearchIndex(Operation):
    """Stands in the migration of the app that owns the model, after search's own. Undone, the table goes."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, name: str) -> None:
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """An index table is no model."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        for statement in engine_of(schema_editor.connection).create(table_of(model)):
            schema_editor.execute(statement)
        insert = "INSERT INTO search_mark (model, object_id, spreads)"
        key = schema_editor.quote_name(model._meta.pk.column)
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(
            f"{insert} SELECT '{model._meta.label_lower}', {key}, false FROM {table}"  # noqa: S608 - our own names
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.name)
        schema_editor.execute(f"DROP TABLE {table_of(model)}")
        schema_editor.execute("DELETE FROM search_mark WHERE model = %s", [model._meta.label_lower])

    def describe(self) -> str:
        return f"Make the search index of {self.name}"
