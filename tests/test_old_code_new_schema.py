"""While servers are restarted one after the other, the code of the last release works on the schema of the next (OPS-08).

The old code itself is in no source archive; what it knows of the database is, as the state of the migrations it came with. No
release is out yet: RELEASED is the schema that stood when the promise was first made. Move it with each release. Until there is
one, the part of the row that has the last release's own tests run on the new schema cannot be met: there are none.
"""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader

from certifications.models import Company, CompanyNote
from tests import factory as f
from tests.holdings import newsletter

RELEASED = {
    "alerts": "0003_hooks",
    "certifications": "0019_lead_days",
    "digest": "0009_feed_sources",
    "jobs": "0001_initial",
    "listing": "0002_access_keys",
    "policies": "0007_place_in_the_weekly",
    "records": "0002_form_tokens",
    "regions": "0001_regions",
    "search": "0002_index_of_a_part",
    "site": "0001_users",
}
# What the old code does not notice. Constraints and dropped or renamed things come a release after the code that can do without.
TAKES_AWAY = re.compile(r"\b(DROP|RENAME|SET\s+NOT\s+NULL)\b", re.I)
HARMLESS = (ops.CreateModel, ops.AddIndex, ops.RemoveIndex, ops.AlterModelOptions, ops.AlterModelManagers)


@pytest.fixture
def old():
    """The models of the last release."""
    loader = MigrationLoader(connection)
    return loader.project_state(list(RELEASED.items())).apps


def since_release():
    """[(migration, state before it)] in order."""
    loader = MigrationLoader(None)
    before = set().union(*(loader.graph.forwards_plan(key) for key in RELEASED.items()))
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key not in before and key[0] in RELEASED:
                before.add(key)
                yield loader.graph.nodes[key], loader.project_state(key, at_end=False)


def is_expanding(operation, state, app, made):
    """Whether rows written without knowledge of it are still good."""
    if isinstance(operation, HARMLESS):
        return True
    if isinstance(operation, ops.RunPython | ops.RunSQL):
        return operation.reversible and not TAKES_AWAY.search(str(getattr(operation, "sql", "")))
    model = getattr(operation, "model_name", "").lower()
    if (app, model) in made:  # a table that the old code does not know
        return True
    if isinstance(operation, ops.AddField):
        field = operation.field
        return field.many_to_many or field.null or field.has_db_default()
    if isinstance(operation, ops.AlterField):
        was, field = state.models[app, model].fields[operation.name], operation.field
        longer = (field.max_length or 10**9) >= (was.max_length or 10**9)
        return type(was) is type(field) and longer and field.null >= was.null and field.unique <= was.unique
    return False


@pytest.mark.any_engine
def test_migrations_since_the_last_release_only_add():
    """OPS-08: a column that the old code does not fill may be empty or has its default in the database (`db_default`)."""
    made, seen = set(), 0
    for migration, state in since_release():
        app = migration.app_label
        for operation in migration.operations:
            seen += 1
            if isinstance(operation, ops.CreateModel):
                made.add((app, operation.name.lower()))
            assert is_expanding(operation, state, app, made), f"{migration}: {operation.describe()}"
            operation.state_forwards(app, state)
    assert seen


@pytest.mark.any_engine
@pytest.mark.parametrize(
    "sql", ["alter table x drop column y", "ALTER TABLE x RENAME y TO z", "ALTER TABLE x ALTER y SET NOT NULL"]
)
def test_sql_that_takes_away_does_not_pass_as_adding(sql):
    assert not is_expanding(ops.RunSQL(sql, ops.RunSQL.noop), None, "records", set())
    assert is_expanding(ops.RunSQL("CREATE INDEX a ON x (y)", "DROP INDEX a"), None, "records", set())


def fill():
    statement = f.statement(products=[f.product(f.company("旧码甲"))], standards=[f.standard()], certificate_number="O-1")
    CompanyNote.objects.create(company=statement.company, written_by=f.user("editor"), text="样")
    policy = f.policy(topics=[f.topic()], issuers=[f.issuing_body()], region=f.region())
    f.target(policy)
    f.incentive(policy)
    f.digest()
    f.industry()
    newsletter()


@pytest.mark.django_db
def test_what_the_old_code_reads_and_writes_works_on_the_new_schema(old, client):
    """OPS-08"""
    fill()
    company = Company.objects.get(name="旧码甲")
    tried = [model for model in old.get_models(include_auto_created=True) if model._meta.app_label in RELEASED and tries(model)]
    assert len(tried) > 20
    made = old.get_model("certifications", "Company").objects.create(
        **{field.attname: getattr(company, field.attname) for field in company._meta.concrete_fields if field.attname in KEPT}
        | {"name": "旧码所写"}
    )
    client.force_login(f.user("editor"))
    assert "旧码所写" in client.get(Company.objects.get(pk=made.pk).get_absolute_url()).content.decode()


KEPT = ("is_consultant", "region_id", "created_at", "updated_at")


def tries(model):
    """Reads, writes and adds to its rows as the old code would; False where there are none."""
    if not model._meta.managed or not (row := model._base_manager.first()):
        return False
    if not model.__name__.startswith("Historical"):
        row.save(force_update=True)
    row.pk, row._state.adding = None, True
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "unique" not in str(error).lower():  # a row that is there already is not the question; a column left empty is
            raise
    return True
