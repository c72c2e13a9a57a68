"""The description of the API as OpenAPI 3, made of the same declarations as the lists. Asked by the addresses in `api`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from .columns import Column
from .fields import Member, members
from .freshness import kept
from .options import ChoiceFilter
from .page import ALL, PAGE_SIZES, ListPage
from .parameters import MAX_VALUES, Parameter
from .question import FilterSet
from .trees import PLACE, place_schema

TEXTS = {"type": "array", "items": {"type": "string"}}
ERRORS = "Errors"
MOST_WORDS = 40
Schema = dict[str, Any]


def document() -> Schema:
    """The whole description, in the language of now; kept until something is written, as choices are read of tables."""
    return kept(f"openapi:{get_language()}", lambda: SchemaGenerator().get_schema(request=None, public=True))


class PageSchema(AutoSchema):
    """Describes one address of a page: the view knows its `page` and its `action`."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema:
        page, is_list = self.view.page, self.view.action == "list"
        _component(registry, ERRORS, {"type": "object", "additionalProperties": TEXTS})
        _component(registry, PLACE, place_schema())
        row = _component(registry, page.queryset.model.__name__, row_schema(page))
        return {
            "operationId": f"{page.slug}_{self.view.action}",
            "summary": str(page.title) if is_list else _("%(list)s: one record") % {"list": page.title},
            "tags": [page.slug],
            "security": [{"token": []}],
            "parameters": [*list_parameters(page)] if is_list else [KEY, columns_parameter(page, _("Without it, all."))],
            "responses": {"200": _answer(_("Rows") if is_list else _("The record"), listed(row) if is_list else row)}
            | {status: _answer(words, {"$ref": f"#/components/schemas/{ERRORS}"}) for status, words in refusals(is_list)}
            | {"304": {"description": _("Nothing has changed since the answer whose ETag was sent in If-None-Match.")}},
        }


KEY = {"name": "key", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}}


def _component(registry: Any, name: str, schema: Schema) -> Schema:
    """Registers a schema under its name once, and refers to it."""
    component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
    registry.register_on_missing(component)
    return component.ref


def _answer(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def refusals(is_list: bool) -> list[tuple[str, str]]:
    found = [
        ("400", _("A parameter is unknown or invalid: {parameter: [error]}. Nothing is dropped silently.")),
        ("401", _("No token, or one that opens nothing.")),
        ("403", _("The token has not the scope “read”.")),
        ("429", _("Too many requests with this token; Retry-After says how many seconds to wait.")),
        ("503", _("The database was stopped at its limit of time for one question: narrow it.")),
    ]
    return found if is_list else [*found, ("404", _("There is no such record."))]


def listed(row: Schema) -> Schema:
    link = {"type": "string", "format": "uri", "nullable": True}
    properties = {
        "count": {"type": "integer", "minimum": 0, "description": _("How many rows there are, counted to a limit.")},
        "count_is_exact": {"type": "boolean", "description": _("False where there are more than were counted.")},
        "next": link | {"description": _("The address of the rows that follow; null at the end.")},
        "previous": link | {"description": _("The address of the rows before; null at the start.")},
        "results": {"type": "array", "items": row},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def row_schema(page: ListPage) -> Schema:
    """A row holds the columns asked for, so that none but the key and the address is always there."""
    properties = {member.key: _described(member) for member in members(page)}
    return {"type": "object", "properties": properties, "required": ["id", "url"], "additionalProperties": False}


def _described(member: Member) -> Schema:
    words = [f"{member.label} ({member.unit})" if member.unit else member.label, member.about]
    if member.values:
        codes = ", ".join(f"{key} {label}".strip() for key, label in member.values)
        words.append(_("Known codes: %(codes)s.") % {"codes": codes})
    is_always = member.key in ("id", "url") or member.schema["type"] == "array"
    return member.schema | ({} if is_always else {"nullable": True}) | {"description": " · ".join(filter(None, words))}


def list_parameters(page: ListPage) -> list[Schema]:
    """Every filter, then what the machine itself understands."""
    filters: FilterSet = page.rows_of_nothing().filters
    found = [_of_filter(name, filter_) for name, filter_ in filters.filters.items()]
    sorts = [text for key in page.sort_paths() for text in (key, f"-{key}")]
    return [
        *found,
        _query("sort", {"type": "string", "enum": sorts}, _("The column to sort by; with - before it, falling.")),
        columns_parameter(page, _("Without it, those that the list shows.")),
        _query("per_page", {"type": "integer", "enum": list(PAGE_SIZES)}, _("Rows in an answer.")),
        _query("cursor", {"type": "string"}, _("A place in the list, as `next` and `previous` give it: follow those links.")),
        _query(
            "page",
            {"type": "integer", "minimum": 1, "maximum": 10**15 - 1},
            _("A page by its number. To read a whole list follow `next`: a number shifts when rows come in."),
        ),
    ]


def _query(name: str, schema: Schema, words: str, **more: Any) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": words, **more}


def columns_parameter(page: ListPage, default: str) -> Schema:
    keys: list[Column] = list(page.all_columns)
    schema = {"type": "array", "items": {"type": "string", "enum": [*(column.key for column in keys), ALL]}, "minItems": 1}
    words = _("Which columns, by their keys, with commas between them; `all` for every one.")
    return _query("columns", schema, f"{words} {default}", style="form", explode=False)


def _of_filter(name: str, filter_: Parameter) -> Schema:
    words, schema = [str(filter_.label or name)], filter_.schema()
    if filter_.exclude:
        words.append(_("Leaves these out."))
    if isinstance(filter_, ChoiceFilter) and filter_.takes_many:
        words.append(_("`none` means: not stated."))
        words += _choices(filter_)
    if not filter_.takes_many:
        return _query(name, schema, " ".join(words))
    many = {"type": "array", "items": schema, "maxItems": MAX_VALUES}
    return _query(name, many, " ".join([*words, _("Repeatable: any of them.")]), style="form", explode=True)


def _choices(filter_: ChoiceFilter) -> list[str]:
    """The words of the choices, where they are few enough to be read."""
    known = [f"{text}: {filter_.words(text)}" for text in (*filter_.further, *filter_.options)]
    return [f"({'; '.join(known)})"] if 0 < len(known) <= MOST_WORDS else []
