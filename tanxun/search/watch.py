"""Notices every write that changes what a record is found by. Signals see single rows and cascades, the querysets the rest.

What must be watched follows from the declared texts alone: each step of a relation and each column that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save

from .texts import searched_models, texts_of

Model = type[models.Model]
Joins = dict[Model, set[tuple[Model, str, Any]]]


@dataclass
class Source:
    """A model that entries are made of. `columns` are read; `parents` those of them that say to whom the row belongs.

    `dependants` are (searched model, path from it to here); the path is "" for the model's own entries. `pointers` are, beside
    those, who is found by the mere fact that it points here: a deletion unties it, past every signal of its own.
    """

    columns: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    dependants: set[tuple[Model, str]] = field(default_factory=set)
    pointers: set[tuple[Model, str]] = field(default_factory=set)


@cache
def watched() -> tuple[dict[Model, Source], Joins]:
    """The sources, and the plain many-to-many tables with (searched model, path to the side that declares the field, field)."""
    sources: dict[Model, Source] = {model: Source(dependants={(model, "")}) for model in searched_models()}
    joins: Joins = {}
    for searched in searched_models():
        for path in {path for text in texts_of(searched) for path in text.paths()}:
            _follow(searched, path, sources, joins)
    return sources, joins


def _follow(searched: Model, path: str, sources: dict[Model, Source], joins: Joins) -> None:
    model, prefix = searched, ""
    for step in path.split("__"):
        here = sources.setdefault(model, Source())
        here.pointers.add((searched, prefix))
        hop: Any = model._meta.pk if step == "pk" else model._meta.get_field(step)
        if not hop.is_relation or hop.many_to_one or (hop.concrete and not hop.many_to_many):
            if not hop.primary_key:
                here.columns.add(hop.attname)
                here.dependants.add((searched, prefix))
        elif hop.many_to_many:
            joins.setdefault(hop.remote_field.through, set()).add((searched, prefix, hop))
        else:
            child = sources.setdefault(hop.related_model, Source())
            child.columns.add(hop.field.attname)
            child.parents.add(hop.field.attname)
            child.dependants.add((searched, f"{prefix}__{step}" if prefix else step))
        model, prefix = hop.related_model, f"{prefix}__{step}" if prefix else step


def source_of(model: Model) -> Source | None:
    return watched()[0].get(model) if apps.ready else None


def is_watched(model: Model) -> bool:
    return source_of(model) is not None


def dependants(model: Model, keys: Iterable[int], using: str) -> Iterator[tuple[Model, models.QuerySet[Any]]]:
    """The records that are found by rows of `model` with these keys."""
    source = source_of(model)
    return _found_by(source.dependants if source else (), keys, using)


def _found_by(
    paths: Iterable[tuple[Model, str]], keys: Iterable[int], using: str
) -> Iterator[tuple[Model, models.QuerySet[Any]]]:
    keys = list(keys)
    for searched, path in paths:
        rows = searched._base_manager.using(using).filter(**{f"{path}__in" if path else "pk__in": keys})
        yield searched, rows.order_by().distinct() if path else rows


def _mark(model: Model, keys: Iterable[int], using: str, spreads: bool = False) -> None:
    from .index import mark

    mark(model, keys, using, spreads)


def _mark_dependants(model: Model, keys: Iterable[int], using: str) -> None:
    """Mark what is found by these rows now: it may not be afterwards."""
    for searched, rows in dependants(model, keys, using):
        _mark(searched, rows.values_list("pk", flat=True), using)


def created(model: Model, rows: Iterable[models.Model], using: str) -> None:
    """New rows: nobody points to them yet, but they may belong to somebody."""
    source = source_of(model)
    if source and source.parents:
        _mark(model, [row.pk for row in rows], using, spreads=True)
    elif source and (model, "") in source.dependants:
        _mark(model, [row.pk for row in rows], using)


@contextmanager
def updating(rows: models.QuerySet[Any], values: dict[str, Any]) -> Iterator[None]:
    """Around `rows.update(**values)`."""
    source = source_of(rows.model)
    names = {f.attname for f in rows.model._meta.concrete_fields if {f.name, f.attname} & set(values)}
    if not source or not names & source.columns:
        yield
        return
    keys = list(rows.order_by().values_list("pk", flat=True))
    if names & source.parents:
        _mark_dependants(rows.model, keys, rows.db)
    yield
    _mark(rows.model, keys, rows.db, spreads=True)


def before_save(sender: Model, instance: Any, using: str, update_fields: Any = None, **kwargs: Any) -> None:
    """Note on the instance which columns this save changes; who loses the row to another owner is marked now."""
    source = source_of(sender)
    instance._search_changes = set()
    if not source or not source.columns or instance.pk is None:
        return
    names = sorted(source.columns)
    old = sender._base_manager.using(using).filter(pk=instance.pk).values_list(*names).first()
    if old is None:
        return
    written = {f.attname for f in sender._meta.concrete_fields if not update_fields or {f.name, f.attname} & set(update_fields)}
    changes = {n for n, was in zip(names, old, strict=True) if n in written and getattr(instance, n) != was}
    instance._search_changes = changes
    if changes & source.parents:
        _mark_dependants(sender, [instance.pk], using)


def after_save(sender: Model, instance: Any, using: str, **kwargs: Any) -> None:
    if kwargs["created"]:
        created(sender, [instance], using)
    elif instance.__dict__.pop("_search_changes", None):
        _mark(sender, [instance.pk], using, spreads=True)


def before_delete(sender: Model, instance: Any, using: str, **kwargs: Any) -> None:
    for searched, rows in _found_by(watched()[0][sender].pointers, [instance.pk], using):
        _mark(searched, rows.values_list("pk", flat=True), using)


def joined(sender: Model, instance: Any, action: str, pk_set: Any, using: str, **kwargs: Any) -> None:
    """Rows tied or untied by a many-to-many field: the records on its declaring side are marked."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    for searched, path, join in watched()[1].get(sender, ()):
        owners = [instance.pk]
        if kwargs["reverse"]:
            own, other = join.m2m_field_name(), join.m2m_reverse_field_name()
            tied = sender._base_manager.using(using).filter(**{other: instance.pk}).values_list(own, flat=True)
            owners = list(pk_set or tied)
        found = searched._base_manager.using(using).filter(**{f"{path}__in" if path else "pk__in": owners})
        _mark(searched, found.values_list("pk", flat=True), using)


def start() -> None:
    """Connect the signals; called once all models are known."""
    sources, joins = watched()
    for model in sources:
        pre_save.connect(before_save, sender=model, dispatch_uid="search")
        post_save.connect(after_save, sender=model, dispatch_uid="search")
        pre_delete.connect(before_delete, sender=model, dispatch_uid="search")
    for through in joins:
        m2m_changed.connect(joined, sender=through, dispatch_uid="search")
