"""From the temporary tables into the database: what all rows together must keep, then the one transaction. Asked by `intake`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from certifications.models import VerificationStatement
from certifications.models.statements import SIMILAR_DAYS

from .companies import Companies
from .disagreeing import note_disagreements
from .findings import Findings, State
from .staging import create, fill, index, rows_of, run
from .statements import LINES, Statements
from .words import Words

LOCK = 7_270_312
ROOM_KB = 48_000
SEEN = "stage_seen"
HOLDING = ("company_id", "consultant_id", "verification_body_id", "recognised_by_id")


class StaleError(Exception):
    """What was matched has changed since: the sheet is to be matched again."""


class Move:
    """Everything that one import has staged."""

    def __init__(self, words: Words, companies: Companies, statements: Statements, findings: Findings) -> None:
        self._words, self._companies, self._statements, self._findings = words, companies, statements, findings
        quote = connection.ops.quote_name
        self._table = quote(VerificationStatement._meta.db_table)
        create(SEEN, ["id", "updated_at"], self._table)
        adapt = connection.ops.adapt_datetimefield_value
        fill(SEEN, ["id", "updated_at"], [(key, adapt(seen)) for key, seen in statements.seen.items()])
        for name, column in (
            (LINES, "id"),
            (statements.new.name, "id"),
            (statements.new.name, "dated_on"),
            (statements.changed.name, "id"),
            (statements.products.name, "verificationstatement_id"),
        ):
            index(name, column)

    def check(self) -> None:
        """The rules that the database keeps, asked of all staged rows at once; then which new rows look like known ones."""
        for stage, state in ((self._statements.new, State.NEW), (self._statements.changed, State.CHANGED)):
            for constraint in VerificationStatement._meta.constraints:
                if isinstance(constraint, models.CheckConstraint):
                    self._check(stage.name, constraint, state)
                    stage.discard(f"id IN ({breaking(stage.name, constraint)})")
        for row, record, company in rows_of(similar(self._statements.new.name, self._table)):
            self._findings.add_doubtful(row, company, record)

    def _check(self, staged: str, constraint: models.CheckConstraint, state: State) -> None:
        found = rows_of(f"SELECT line FROM {LINES} WHERE id IN ({breaking(staged, constraint)}) ORDER BY line")
        for (line,) in found:
            self._findings.refuse_staged(line, state, str(constraint.violation_error_message))

    def prune(self) -> None:
        """Without the rows that were refused, some new companies, products, bodies, issuing bodies and standards are nobody's."""
        new, changed = self._statements.new.name, self._statements.changed.name
        both = f"(SELECT * FROM {new} UNION ALL SELECT * FROM {changed}) AS kept"
        kept = {name: f"SELECT {name} FROM {both} WHERE {name} IS NOT NULL" for name in HOLDING}
        products, standards = self._statements.products, self._statements.standards
        for links in (products, standards):
            run(f"DELETE FROM {links.name} WHERE verificationstatement_id NOT IN (SELECT id FROM {both})")
        companies = self._companies
        companies.new.discard(f"id NOT IN ({kept['company_id']} UNION {kept['consultant_id']})")
        self._words.new_bodies.discard(f"id NOT IN ({kept['verification_body_id']})")
        self._words.new_issuers.discard(f"id NOT IN ({kept['recognised_by_id']})")
        self._words.new_standards.discard(f"id NOT IN (SELECT standard_id FROM {standards.name})")
        self._statements.new_products.discard(f"id NOT IN (SELECT product_id FROM {products.name})")
        for stage, column in ((companies.names, "company_id"), (companies.filled, "id")):
            stored = f"SELECT 1 FROM {companies.new.table} AS own WHERE own.id = {stage.name}.{column}"
            stage.discard(f"NOT EXISTS ({stored}) AND {column} NOT IN (SELECT id FROM {companies.new.name})")

    def write(self, moment: dt.datetime, started: int, user: int | None, reason: str) -> None:
        """Move it all, in the running transaction. `started` is the newest company when the matching began.

        Raises StaleError where others wrote what this import matched against.
        """
        if connection.vendor == "postgresql":  # SQLite lets one writer in anyway
            run("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            run("SET LOCAL statement_timeout = 0")
            self._hold()
        self._refuse_stale(started)
        words, companies, statements = self._words, self._companies, self._statements
        of_words = (words.new_bodies, words.new_issuers, words.new_standards)
        made = (*of_words, companies.new, companies.names, statements.new_products, statements.new)
        for stage in made:
            stage.insert("dated_on" if stage is statements.new else "id")
        self._fill_companies()
        statements.products.insert(statements.new)
        statements.standards.insert(statements.new)
        if statements.changed_fields:
            statements.changed.update(sorted(statements.changed_fields))
            statements.products.insert(statements.changed, is_anew=True)
            statements.standards.insert(statements.changed, is_anew=True)
        companies.filled.discard(f"id IN (SELECT id FROM {companies.new.name})")  # theirs is one entry
        for stage in made:
            stage.write_history("+", moment, user, reason)
            stage.mark(spreads=stage is companies.names)
        for stage in (companies.filled, statements.changed):
            stage.write_history("~", moment, user, reason)
        statements.changed.mark()
        note_disagreements(statements.disagreeing, statements.source, moment)

    @staticmethod
    @contextmanager
    def room() -> Iterator[None]:
        """Inside, SQLite keeps the pages of many indexes at once; else it would write them out and read them again.

        Around the transaction, not in it.
        """
        if connection.vendor != "sqlite":
            yield
            return
        ((before,),) = rows_of("PRAGMA cache_size")
        run(f"PRAGMA cache_size = {-ROOM_KB}")
        try:
            yield
        finally:
            run(f"PRAGMA cache_size = {before}")

    def _fill_companies(self) -> None:
        """What companies lacked, also for the copies of their region on statements; a new code changes what they are found by."""
        filled, table = self._companies.filled, self._companies.filled.table
        coded = f"SELECT own.id FROM {table} AS own JOIN {filled.name} AS staged ON staged.id = own.id"
        filled.mark(spreads=True, of=f"{coded} WHERE own.credit_code IS NULL AND staged.credit_code IS NOT NULL")
        names = ("credit_code", "region_id", "industry_id")
        setting = ", ".join(f"{name} = COALESCE({table}.{name}, staged.{name})" for name in names)
        run(
            f"UPDATE {table} SET {setting}, updated_at = staged.updated_at"
            f" FROM {filled.name} AS staged WHERE staged.id = {table}.id"
        )
        run(
            f"UPDATE {self._table} SET region_id = own.region_id,"
            f" province_id = CASE WHEN own.region_id IS NULL THEN NULL ELSE substr(own.region_id, 1, 2) || '0000' END"
            f" FROM {table} AS own JOIN {filled.name} AS staged ON staged.id = own.id WHERE own.id = {self._table}.company_id"
            f" AND ({self._table}.region_id IS NULL OR {self._table}.region_id <> own.region_id)"
        )

    def _hold(self) -> None:
        """Keep others from changing what this import matched against until it is committed, and wait for those who do.

        Companies before statements, as a merge takes them, each in the order of their keys. What only points to a row need not
        wait.
        """
        table, new, changed = self._companies.new.table, self._statements.new.name, self._statements.changed.name
        companies = " UNION ".join(
            f"SELECT {column} FROM {name}" for name in (new, changed) for column in ("company_id", "consultant_id")
        )
        held = (
            (table, f"{companies} UNION SELECT id FROM {self._companies.filled.name}"),
            (self._table, f"SELECT id FROM {SEEN}"),
        )
        for name, keys in held:
            run(f"SELECT count(*) FROM (SELECT id FROM {name} WHERE id IN ({keys}) ORDER BY id FOR NO KEY UPDATE) AS held")

    def _refuse_stale(self, started: int) -> None:
        companies, statements = self._companies, self._statements
        table, history = companies.new.table, VerificationStatement.history.model._meta.db_table
        checks: list[tuple[str, list[Any]]] = [
            # The same company, entered by somebody else meanwhile.
            (
                f"SELECT 1 FROM {table} AS own JOIN {companies.new.name} AS staged"
                " ON own.name_folded = staged.name_folded AND (own.credit_code IS NULL OR staged.credit_code IS NULL)"
                " OR own.credit_code = staged.credit_code WHERE own.id > %s LIMIT 1",
                [started],
            ),
            # A company deleted meanwhile.
            *(
                (
                    f"SELECT 1 FROM {statements.new.name} AS staged JOIN {table} AS own"
                    f" ON own.id = staged.{column} WHERE own.deleted_at IS NOT NULL LIMIT 1",
                    [],
                )
                for column in ("company_id", "consultant_id")
            ),
            # A statement added meanwhile to a company that gets one: it may be the same.
            (
                f"SELECT 1 FROM {history} AS past WHERE past.history_id > %s AND past.history_type = '+'"
                f" AND past.company_id IN (SELECT company_id FROM {statements.new.name}) LIMIT 1",
                [statements.newest_entry],
            ),
            # A statement changed meanwhile.
            (
                f"SELECT 1 FROM {SEEN} AS seen JOIN {self._table} AS own ON own.id = seen.id"
                " WHERE own.updated_at <> seen.updated_at OR own.deleted_at IS NOT NULL LIMIT 1",
                [],
            ),
        ]
        if any(rows_of(sql, params) for sql, params in checks):
            raise StaleError


def breaking(staged: str, constraint: models.CheckConstraint) -> str:
    """SQL: the keys of staged rows that break a rule which the table has too, by the very condition of the table."""
    condition = constraint._get_check_sql(VerificationStatement, connection.schema_editor())  # type: ignore[attr-defined]
    return f"SELECT id FROM {staged} WHERE NOT ({condition})"


def similar(staged: str, table: str) -> str:
    """SQL: (line, record, company) of new rows that look like a stored record, as `similar_to` says it for one statement."""
    company = connection.ops.quote_name("certifications_company")
    links = "certifications_verificationstatement_products"
    before, after = (
        (f"date(new.dated_on, '-{SIMILAR_DAYS} days')", f"date(new.dated_on, '+{SIMILAR_DAYS} days')")
        if connection.vendor == "sqlite"
        else (f"new.dated_on - {SIMILAR_DAYS}", f"new.dated_on + {SIMILAR_DAYS}")
    )
    mine = "SELECT product_id FROM stage_statement_product WHERE verificationstatement_id = new.id"
    theirs = f"SELECT product_id FROM {links} WHERE verificationstatement_id = own.id"
    return (
        f"SELECT line.line, min(own.id), min(company.name) FROM {staged} AS new JOIN {LINES} AS line ON line.id = new.id"
        f" JOIN {table} AS own ON own.company_id = new.company_id AND own.dated_on BETWEEN {before} AND {after}"
        f" JOIN {company} AS company ON company.id = own.company_id"
        " WHERE own.statement_type_id = new.statement_type_id AND own.deleted_at IS NULL"
        " AND (own.verification_body_id = new.verification_body_id"
        " OR own.verification_body_id IS NULL AND new.verification_body_id IS NULL)"
        f" AND (NOT EXISTS ({mine}) OR NOT EXISTS ({theirs}) OR EXISTS ({mine} AND product_id IN ({theirs})))"
        " GROUP BY line.line ORDER BY line.line"
    )
