"""Change lists that stay quick on large tables and answer any query string; asked by the admin classes of `base` and `kept`."""

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanxun.records.models import FieldStatus
from tanxun.regions.models import Region
from tanxun.regions.names import code_range
from tanxun.search.fold import fold, pinyin_keys
from tanxun.search.question import MAX_LENGTH, parse


def key_fits(model, value) -> bool:
    """Whether `value` can be a key of `model`: right type, no NUL, and no integer that a database cannot hold."""
    try:
        key = model._meta.pk.to_python(value)
    except ValidationError:
        return False
    return abs(key) < 2**63 if isinstance(key, int) else "\0" not in str(key)


def search_problem(text: str) -> str:
    """Why nobody may search for `text`, or ""."""
    try:
        parse(text)
    except ValidationError as error:
        return error.messages[0]
    return ""


def query_problem(params) -> str:
    """Why a change list does not answer this query string, or "". What its filters do not know is refused by StaffChangeList."""
    for key, values in params.lists():
        for value in values:
            if key == SEARCH_VAR and (problem := search_problem(value)):
                return problem
            if "\0" in key + value or len(value) > MAX_LENGTH:
                return _("The address asks for something that this list does not know.")
    return ""


def search_keys(text: str) -> tuple[str, ...]:
    """What a short text is found by: itself folded, the same without blanks, its pinyin and its initials."""
    return fold(text), fold(text).replace(" ", ""), *pinyin_keys(text)


def found_in_memory(queryset, paths, text: str):
    """Rows of a small table in which every word of `text` is part of a column, or of its pinyin or initials."""
    words = fold(text).split()
    hits = []
    for pk, *columns in queryset.values_list("pk", *paths):
        keys = "\n".join(key for column in columns if column for key in search_keys(column))
        if all(word in keys for word in words):
            hits.append(pk)
    return queryset.filter(pk__in=hits)


def contains_all(queryset, paths, text: str):
    """Rows in which every word of `text` is contained, literally, in one of `paths` (no to-many paths)."""
    for word in fold(text).split():
        hit = Q()
        for path in paths:
            hit |= Q(**{f"{path}__icontains": word})
        queryset = queryset.filter(hit)
    return queryset


class CappedPaginator(Paginator):
    """Counts to `cap` and no further: a change list of millions opens as quickly as one of hundreds."""

    cap = 10_000

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: self.cap + 1].count()

    @property
    def count(self) -> int:
        return min(self._counted, self.cap)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than it counts."""
        return self._counted > self.cap


class StaffChangeList(ChangeList):
    """Refuses every parameter that no filter of the list declares, instead of handing it to the database."""

    def get_filters(self, request):
        try:
            specs, has_filters, unknown, *rest = super().get_filters(request)
        except DisallowedModelAdminLookup as error:
            raise IncorrectLookupParameters(error) from error
        if unknown:
            raise IncorrectLookupParameters(f"no filter takes {sorted(unknown)}")
        return specs, has_filters, unknown, *rest


class DeletedFilter(admin.SimpleListFilter):
    """Kept rows unless asked for the deleted ones."""

    title = _("deleted")
    parameter_name = "deleted"

    def lookups(self, request, model_admin):
        return [("yes", _("deleted"))]

    def choices(self, changelist):
        kept, *others = super().choices(changelist)
        return [{**kept, "display": _("kept")}, *others]

    def queryset(self, request, queryset):
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


class UnsureFilter(admin.SimpleListFilter):
    """Records with a field that is inferred or unknown (feature 6)."""

    title = _("unsure fields")
    parameter_name = "unsure"

    def lookups(self, request, model_admin):
        return [("yes", _("some")), ("no", _("none"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        rows = queryset.alias(status_text=Cast("field_status", TextField()))
        unsure = Q(status_text__contains=f'"{FieldStatus.INFERRED}"') | Q(status_text__contains=f'"{FieldStatus.UNKNOWN}"')
        return rows.filter(unsure if self.value() == "yes" else ~unsure)


class ProvinceFilter(admin.SimpleListFilter):
    """Rows of one province and everything below it; 34 choices instead of thousands of divisions."""

    title = pgettext_lazy("place", "province")
    parameter_name = "province"

    def lookups(self, request, model_admin):
        return list(Region.objects.filter(level=Region.Level.PROVINCE).values_list("code", "name"))

    def queryset(self, request, queryset):
        known = dict(self.lookup_choices)
        return queryset.filter(region__code__range=code_range(self.value())) if self.value() in known else queryset
