"""The index at commit: what is written at once, what is left to the worker, and who makes up for what never came to be."""

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from certifications.models import Company
from tanxun.search import index
from tanxun.search.engines import engine_of, table_of
from tanxun.search.models import Mark
from tests import factory as f
from tests.test_search_index import finds

pytestmark = pytest.mark.django_db(transaction=True)


def test_at_commit_the_entries_stand_and_the_marks_are_gone():
    with transaction.atomic():
        company = f.company("提交样例有限公司")
        assert Mark.objects.exists()
    assert not Mark.objects.exists()
    assert finds("提交样例", Company) == [company.pk]
    company.name = "改名样例"
    company.save()
    assert not Mark.objects.exists()
    assert finds("改名样例", Company) == [company.pk]


def test_what_is_rolled_back_leaves_nothing():
    with transaction.atomic():
        f.company("回滚样例")
        assert Mark.objects.exists()
        transaction.set_rollback(True)
    assert not Mark.objects.exists()
    assert finds("回滚样例", Company) == []


def test_a_part_rolled_back_does_not_take_the_rest_with_it():
    with transaction.atomic():
        kept = f.company("留下样例", credit_code="91350100M000100Y43")
        with transaction.atomic():
            f.company("不留样例")
            transaction.set_rollback(True)
    assert not Mark.objects.exists()
    assert finds("留下样例", Company) == [kept.pk]


@pytest.mark.parametrize("limit", [1, 3])
def test_more_than_the_limit_is_left_to_a_queued_task(monkeypatch, limit):
    body, company = f.body(), f.company("多声明企业")
    statements = [f.statement(company=company, verification_body=body).pk for _ in range(5)]
    monkeypatch.setattr(index, "AT_COMMIT", limit)
    monkeypatch.setattr(index, "BATCH", 2)
    company.name = "更名企业"
    company.save()
    assert finds("更名企业") == []
    assert DBTaskResult.objects.count() == 1
    done = DBTaskResult.objects.get().task.func()
    assert done > 0
    assert not Mark.objects.exists()
    assert sorted(finds("更名企业")) == statements


def test_a_search_writes_nothing():
    f.company("读者样例")
    Mark.objects.create(model="certifications.company", object_id=1)
    with CaptureQueriesContext(connection) as asked:
        finds("读者样例", Company)
    assert all(one["sql"].startswith("SELECT") for one in asked.captured_queries)
    assert Mark.objects.count() == 1


def test_what_was_committed_but_not_indexed_is_made_up_for_by_the_next_write():
    with transaction.atomic():
        company = f.company("失落样例")
        connection.run_on_commit.clear()  # as if the process ended at the commit
    assert finds("失落样例", Company) == []
    assert Mark.objects.exists()
    f.company("另一家")
    assert finds("失落样例", Company) == [company.pk]
    assert not Mark.objects.exists()


def forgotten(names):
    """Companies that a process committed, and of which it could index nothing more."""
    with transaction.atomic():
        made = [f.company(name) for name in names]
        connection.run_on_commit.clear()
    return made


def test_who_writes_while_much_is_left_over_does_not_write_it_all(monkeypatch):
    """It would be a page that waits for the entries of an import: they are the worker's."""
    monkeypatch.setattr(index, "AT_ONCE", 3)
    few, many = ["失落甲样例", "失落乙样例"], ["失落丙样例", "失落丁样例", "失落戊样例", "失落己样例"]
    forgotten(few)
    f.company("另一家")
    assert [len(finds(name, Company)) for name in few] == [1, 1]
    forgotten(many)
    own = f.company("又一家")
    assert finds("又一家", Company) == [own.pk]
    assert [len(finds(name, Company)) for name in many] == [0] * 4
    DBTaskResult.objects.get().task.func()
    assert [len(finds(name, Company)) for name in many] == [1] * 4


def test_between_two_parts_of_much_writing_everybody_may_write(monkeypatch):
    monkeypatch.setattr(index, "AT_ONCE", 2)
    forgotten(f"分批{number}样例" for number in range(5))
    left = Mark.objects.count()
    done = []

    def between(so_far):
        assert not connection.in_atomic_block
        done.append(so_far)

    index.write_all(say=between)
    assert done == [*range(2, left, 2), left]


def without_queue(execute, sql, params, many, context):
    """Wraps a connection whose queue takes nothing."""
    if sql.startswith(("INSERT", "UPDATE")) and "django_tasks_db" in sql:
        raise OperationalError("no room for the queue")
    return execute(sql, params, many, context)


def test_a_change_stands_though_nobody_can_be_told_and_is_written_after_the_next_one(monkeypatch):
    monkeypatch.setattr(index, "AT_COMMIT", 0)
    with connection.execute_wrapper(without_queue):
        company = f.company("留下的变更")
    assert Company.objects.filter(pk=company.pk).exists()
    assert Mark.objects.filter(object_id=company.pk).exists()
    assert finds("留下的变更", Company) == []
    monkeypatch.setattr(index, "AT_COMMIT", 10)
    f.company("下一个变更")
    assert finds("留下的变更", Company) == [company.pk]
    assert not Mark.objects.exists()


def test_what_a_migration_marks_is_left_to_a_queued_task():
    company = f.company("迁移样例")
    with connection.cursor() as cursor:
        engine_of(connection).delete(cursor, table_of(Company), [company.pk])
    call_command("migrate", verbosity=0)
    assert not DBTaskResult.objects.exists()
    Mark.objects.create(model="certifications.company", object_id=company.pk)
    call_command("migrate", verbosity=0)
    DBTaskResult.objects.get().task.func()
    assert finds("迁移样例", Company) == [company.pk]
