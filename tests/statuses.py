"""Strings that nobody types, each to one address, and the status that it has: the same on either database.

`probes` is walked by test_same_statuses.py and held against statuses.txt; a filter that is added brings its own.
"""

import zlib
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.db import models

from tests.test_list_hostile import BOARD, HARMLESS, HUGE, OWN, PAGED, PAGES, REGEX, invalid

FORMS = ("/{}/", "/{}.csv", "/api/v1/{}/", "/{}.xlsx", "/{}.jsonl", "/{}.atom")
# On every list of the admin, and further ones on the largest.
EVERYWHERE = ["title=%00", "title__regex=(", f"issued__year={HUGE}", "company__owner__password__startswith=p"]
ADMIN = [
    *EVERYWHERE,
    *(f"{path}__{lookup}={pattern}" for path in ("title", "name") for lookup in ("regex", "iregex") for pattern in REGEX),
    *(f"dated_on__year={HUGE}", "dated_on__gte=abc", f"id__exact={HUGE}", "created_by__password__startswith=p"),
    *("q=%00", f"q={'x' * 5000}", "q=%FF"),
    *(f"e={HUGE}", f"p={HUGE}", "p=x", f"o={HUGE}", "o=1.-1.x", "all=", "deleted=%00", "_popup=x", "_to_field=password"),
]


def probes() -> Iterator[tuple[str, str]]:
    """(address with its query, how it is called in the file)."""
    forms = cycle(FORMS)
    groups = [*OWN.values(), *HARMLESS.values(), *PAGED.values()]
    strange = [(name, value) for group in groups for name, values in group.items() for value in values]
    for slug, page in PAGES.items():
        if slug == BOARD:
            continue
        cases = [
            (name, value)
            for name, each in page.filterset_class.base_filters.items()
            for _case, values in invalid(each)
            for value in values
        ]
        first = dict(reversed(cases))
        for name, value in [*cases, *strange] if slug == "statements" else [*first.items(), *strange[:: len(PAGES)]]:
            yield called(next(forms).format(slug), f"{name}={value}")
    for model in admin.site._registry:
        for query in ADMIN if model._meta.model_name == "verificationstatement" else EVERYWHERE:
            yield called(f"/admin/{model._meta.app_label}/{model._meta.model_name}/", query)
        yield called(f"/admin/{model._meta.app_label}/{model._meta.model_name}/", f"{a_text_of(model)}__iregex={REGEX[-1]}")


def a_text_of(model: Any) -> str:
    """A field of its own that Django by itself would take any lookup of."""
    return next(field.name for field in model._meta.concrete_fields if isinstance(field, models.CharField | models.TextField))


def called(address: str, query: str) -> tuple[str, str]:
    """A long query goes by its beginning, its length and its sum."""
    name = quote(query, safe="=&%")
    short = name if len(name) <= 60 else f"{name[:40]}…{len(query)}…{zlib.crc32(query.encode()):08x}"
    return f"{address}?{query}", f"{address}?{short}"
