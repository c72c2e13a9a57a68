"""The peer's list with its filters, table and files, its detail page and the counts beside the filters."""

import django_filters
import django_tables2 as tables
from django.db.models import Count
from django.http import JsonResponse
from django.views.generic import DetailView
from django_filters.views import FilterView
from django_tables2.export.views import ExportMixin

from .models import Region, StatementType, VerificationBody, VerificationStatement, search

VALIDITY = [("valid", "有效"), ("expiring", "即将到期"), ("expired", "已过期"), ("undated", "未载明")]


def listed():
    """What the list shows, with what its columns need.

    The types by a query of their own: joined, SQLite begins with the few of them and sorts all statements for one page (six
    seconds at 1,000,000), which anybody would notice.
    """
    live = VerificationStatement.objects.filter(deleted_at=None).with_validity()
    return live.select_related("company", "verification_body", "region").prefetch_related("statement_type", "products")


class StatementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="搜索", method="searched")
    type = django_filters.ModelChoiceFilter(
        label="类型", field_name="statement_type", queryset=StatementType.objects.all(), to_field_name="slug"
    )
    body = django_filters.ModelChoiceFilter(
        label="核查机构", field_name="verification_body", queryset=VerificationBody.objects.all(), to_field_name="slug"
    )
    region = django_filters.ModelChoiceFilter(
        label="省份", field_name="province", queryset=Region.objects.filter(level="province"), to_field_name="code"
    )
    validity = django_filters.ChoiceFilter(label="有效性", choices=VALIDITY)
    issued = django_filters.DateFromToRangeFilter(label="日期", field_name="dated_on")

    class Meta:
        model = VerificationStatement
        fields = ()

    def searched(self, queryset, name, value):
        return search(queryset, value)


class StatementTable(tables.Table):
    company = tables.Column("企业", order_by=("company__name",), linkify=("statement", [tables.A("pk")]))
    type = tables.Column("类型", accessor="statement_type")
    products = tables.ManyToManyColumn(verbose_name="产品")
    body = tables.Column("核查机构", accessor="verification_body")
    region = tables.Column("地区")
    dated_on = tables.DateColumn(format="Y-m-d", verbose_name="日期")
    validity = tables.Column("有效性")
    certificate_number = tables.Column("声明编号")
    emissions = tables.Column("排放量", accessor="emissions_tco2e")

    class Meta:
        row_attrs = {"data-id": lambda record: record.pk}


class StatementList(ExportMixin, tables.SingleTableMixin, FilterView):
    filterset_class = StatementFilter
    table_class = StatementTable
    table_pagination = {"per_page": 25}
    export_formats = ("csv", "xlsx")
    template_name = "textbook/list.html"

    def get_queryset(self):  # of today: what is valid changes at midnight
        return listed()


class StatementDetail(DetailView):
    template_name = "textbook/detail.html"

    def get_queryset(self):
        return listed()


def counts(request):
    """How many rows each choice of a filter has within the filtered list."""
    found = StatementFilter(request.GET, queryset=VerificationStatement.objects.filter(deleted_at=None).with_validity()).qs
    names = {"type": "statement_type__slug", "body": "verification_body__slug", "region": "province", "validity": "validity"}
    return JsonResponse(
        {
            key: dict(found.order_by().values_list(name).annotate(Count("pk")).exclude(**{name: None}))
            for key, name in names.items()
        }
    )
