"""The filters by which lists of policies, companies and statements ask for each other, and the policy list completed with them.

What they find is said in `matching`; who is to be asked about stands in the address as a key.
"""

from functools import reduce
from operator import or_

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies import pages
from policies.models import Policy
from tanxun.listing.options import NONE, OneChoiceFilter, RowChoiceFilter

from . import matching
from .merging import named_by_key
from .models import Company, VerificationStatement

WITH, WITHOUT = "with", "without"


class MatchFilter(RowChoiceFilter):
    """Rows that belong with one of the records named in the address. None belongs with none of all: that is not asked for.

    `conditions` makes of their keys one condition each, and is asked once for all that a page counts.
    """

    is_looked_up = True

    def __init__(self, *, conditions, **kwargs):
        super().__init__(value="pk", only_given=True, **kwargs)
        self.conditions, self.made = conditions, {}

    def __deepcopy__(self, memo):
        other = super().__deepcopy__(memo)
        other.made = {}
        return other

    def parse(self, text):
        if text == NONE:
            raise ValidationError(_("There is no such choice: %(value)s.") % {"value": text})
        return super().parse(text)

    def chosen(self, options):
        keys = tuple(int(key) for option in options for key in option.keys)
        if keys not in self.made:
            self.made[keys] = reduce(or_, self.conditions(self, keys), Q(pk__in=[]))
        return self.made[keys]


def policy_filter(conditions):
    return MatchFilter(label=_("Policy"), rows=Policy.objects.all, text="headline", conditions=conditions)


def companies_of(asked, policies):
    """Companies that these policies touch; where the address says so, only those with evidence, or without."""
    evidence = None if asked.exclude else asked.parent.form.cleaned_data.get("evidence")
    for reach in matching.reaches(policies):
        whom = matching.touched(reach)
        if evidence:
            has_it = matching.with_evidence(reach)
            whom &= has_it if evidence == WITH else ~has_it
        yield whom


def statements_of(asked, policies):
    return map(matching.concerned, matching.reaches(policies))


def evidence_filter():
    """Read by the filter `policy`."""
    choices = ((WITH, _("with evidence")), (WITHOUT, _("without evidence")))
    made = OneChoiceFilter(label=_("Evidence for the policy"), choices=choices)
    made.control = "hidden"
    return made


def policies_of_companies(asked, companies):
    named = Company.objects.filter(pk__in=companies).select_related("industry")
    return map(matching.touching, matching.bearers(named))


def policies_of_statements(asked, statements):
    named = VerificationStatement.objects.filter(pk__in=statements).select_related("company__industry", "statement_type")
    return (matching.concerning(*matching.of_statement(statement)) for statement in named)


class PolicyFilter(pages.PolicyFilter):
    company = MatchFilter(label=_("Company"), rows=named_by_key, key="led_key", text="led_name", conditions=policies_of_companies)
    statement = MatchFilter(
        label=_("Statement"), rows=VerificationStatement.objects.all, text="company__name", conditions=policies_of_statements
    )


class PolicyPage(pages.PolicyPage):
    """With the questions that need both apps."""

    filterset_class = PolicyFilter
