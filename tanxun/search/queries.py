"""Words of a search box → a queryset. Today every term must be contained in one of the model's `search_paths`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

from .fold import fold

M = TypeVar("M", bound=models.Model)


class IndexedQuerySet(models.QuerySet[M]):
    """A queryset that answers `search(text)`.

    The model lists `search_paths`, ORM paths of folded or printed text, and `search_many_paths`, the same over
    to-many relations (asked in a subquery, so that no row comes twice).
    """

    def search(self, text: str) -> IndexedQuerySet[M]:
        """Rows in which every blank-separated term of `text` is contained in some path, literally."""
        rows = self
        for term in fold(text).split():
            rows = rows.filter(self._contains(term))
        return rows

    def _contains(self, term: str) -> models.Q:
        model: Any = self.model
        hit = models.Q()
        for path in getattr(model, "search_paths", ()):
            hit |= models.Q(**{f"{path}__icontains": term})
        for path in getattr(model, "search_many_paths", ()):
            ids = model._base_manager.filter(**{f"{path}__icontains": term}).values("pk")
            hit |= models.Q(pk__in=ids)
        return hit
