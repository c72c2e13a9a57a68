"""Years that no statement of a company covers, for whole lists of companies: `profile.missing_years` in SQL."""

from django.db.models import Case, CharField, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, ExtractYear
from django.utils import timezone

from .models import ValidityRule, VerificationStatement

CYCLE = 12


def missing_years() -> QuerySet:
    """Of the company OuterRef("pk"), as `item`: each run of years that its statements of one type leave out (2022, 2020–2021).

    A run begins after the end of a statement on a period and ends before the next one begins; after the last one, with the
    year whose statement is more than a cycle late.
    """
    first = Coalesce("period_start", "period_end")
    covering = VerificationStatement.objects.filter(
        statement_type__validity_rule=ValidityRule.REPORTING_PERIOD, period_end__isnull=False
    ).annotate(first_year=ExtractYear(first))
    later = covering.filter(
        company=OuterRef("company"), statement_type=OuterRef("statement_type"), period_end__gt=OuterRef("period_end")
    )
    runs = covering.filter(company=OuterRef("pk")).annotate(
        start=ExtractYear("period_end") + 1,
        end=Coalesce(Subquery(later.order_by(first).values("first_year")[:1]) - 1, late_year(), output_field=IntegerField()),
    )
    return runs.filter(end__gte=F("start")).annotate(item=run_words()).order_by("item").values("item").distinct()


def late_year() -> object:
    """The last year whose statement is more than a cycle late: that many months after its end are over today."""
    today = timezone.localdate()
    months = Value(today.year * 12 + today.month - 1, output_field=IntegerField())
    cycle = Coalesce(F("statement_type__cycle_months"), Value(CYCLE), output_field=IntegerField())
    return (months - cycle) / Value(12, output_field=IntegerField()) - 1


def run_words() -> object:
    """2022, or 2020–2021."""
    start, end = (Cast(F(name), CharField()) for name in ("start", "end"))
    return Case(When(start=F("end"), then=start), default=Concat(start, Value("–"), end), output_field=CharField())
