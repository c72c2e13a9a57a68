"""Words of a search box → a queryset. Today every term must be contained in a text or a number that the model declares."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

from .fold import fold, number_key

M = TypeVar("M", bound=models.Model)


class IndexedQuerySet(models.QuerySet[M]):
    """A queryset that answers `search(text)`.

    The model lists `search_paths`, ORM paths of folded text, and `search_number_paths`, ORM paths of what `number_key` made.
    """

    def search(self, text: str) -> IndexedQuerySet[M]:
        """Rows in which every blank-separated term of `text` is contained in some path, literally."""
        rows = self
        for term in fold(text).split():
            rows = rows.filter(self._contains(term))
        return rows

    def _contains(self, term: str) -> models.Q:
        model: Any = self.model
        key = number_key(term)
        hit = models.Q()
        for path in getattr(model, "search_paths", ()):
            hit |= self._in_path(path, term)
        for path in getattr(model, "search_number_paths", ()) if key else ():
            hit |= self._in_path(path, key)
        return hit

    def _in_path(self, path: str, term: str) -> models.Q:
        model: Any = self.model
        hit = models.Q(**{f"{path}__icontains": term})
        # In a subquery: joined, a row would come once for every match.
        return models.Q(pk__in=model._base_manager.filter(hit).values("pk")) if leads_to_many(model, path) else hit


def leads_to_many(model: Any, path: str) -> bool:
    """Whether a step of the ORM path leads from one row to several."""
    for step in path.split("__"):
        field = model._meta.get_field(step)
        if field.one_to_many or field.many_to_many:
            return True
        model = field.related_model
    return False
