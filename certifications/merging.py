"""Two companies that are one: everything moves to the one that is kept, and back again. Asked by `merge_views` and the bin.

What points to a company is found by Django's own list of relations, so that a table of a higher package moves, too.
Addresses, filters and feeds that name the old key need no change: they are led on (`leading_on`, `CompanyFilter`).
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tanxun.listing.options import RowChoiceFilter
from tanxun.records.models import LONGEST_REASON, Attachment

from .models import Company, CompanyMerge, CompanyName, Product, VerificationStatement

FILLED = ("credit_code", "region", "industry", "parent", "website")
# Attachments point to records of several kinds: they have no foreign key, but a column that moves in the same way.
ATTACHED: Any = Attachment._meta.get_field("object_id")


def relations() -> list[models.ForeignKey]:
    """Every column that points to a company, but for what merges note of themselves."""
    return [*(one.field for one in Company._meta.related_objects if one.related_model is not CompanyMerge), ATTACHED]


def rows_of(relation: models.ForeignKey, company: Company) -> models.QuerySet:
    if relation is ATTACHED:
        return Attachment.with_deleted.of(company).order_by("pk")
    return relation.model._base_manager.filter(**{relation.name: company.pk}).order_by("pk")


def counts(company: Company) -> list[tuple[str, int]]:
    """What points to it, in words, with how many."""
    found = []
    for relation in relations():
        label = str(capfirst(relation.model._meta.verbose_name_plural))
        if relation.name != "company" and relation is not ATTACHED:
            label = f"{label} ({relation.verbose_name})"
        if number := rows_of(relation, company).count():
            found.append((label, number))
    return found


def problem(kept: Company, gone: Company) -> str:
    """Why they cannot be merged, or ""."""
    if kept.pk == gone.pk:
        return _("That is the same company.")
    if kept.deleted_at or gone.deleted_at:
        return _("One of the two is in the bin.")
    if kept.credit_code and gone.credit_code and kept.credit_code != gone.credit_code:
        return _("Their credit codes differ, so they are two companies. Correct a wrong code first.")
    return ""


def merge(kept: Company, gone: Company, user: Any, reason: str) -> CompanyMerge:
    """Move everything of `gone` to `kept` and put `gone` into the bin. Raises ValidationError; then nothing was done."""
    with transaction.atomic():
        kept, gone = held(kept.pk, gone.pk)
        if words := problem(kept, gone):
            raise ValidationError(words)
        done = _Moving(kept, gone, in_history(_("Merged: %(gone)s → %(kept)s") % {"gone": gone, "kept": kept}, reason))
        done.fill()
        done.move_products()
        for relation in relations():
            done.move(relation)
        done.keep_name()
        kept._change_reason = done.reason  # an entry of its own: this is where the history of the other one goes on
        kept.save()
        noted = {"reason": reason[:200], "moved": done.moved, "left": done.left, "merged_by": user}
        made = CompanyMerge.objects.create(kept=kept, gone=gone, leads_to=kept, gone_name=gone.name, **noted)
        gone.remove(reason)
        _lead([gone.pk], kept.pk)
    return made


def held(*keys: int) -> list[Company]:
    """These companies in this order, nobody else's until the transaction ends; always locked in the order of their keys."""
    locked = {one.pk: one for one in Company.with_deleted.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")}
    return [locked[key] for key in keys]


def in_history(words: str, reason: str = "") -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return f"{words}. {reason}".strip(". ")[:LONGEST_REASON]


class _Moving:
    """One merge on its way, inside a transaction."""

    def __init__(self, kept: Company, gone: Company, reason: str) -> None:
        self.kept, self.gone, self.reason = kept, gone, reason
        self.moved: dict[str, Any] = {"rows": [], "fields": {}, "gone": {}, "products": [], "alias": None}
        self.left: list[str] = []

    def fill(self) -> None:
        """What the kept one does not know of itself is taken from the other; it cannot stand above its own parent."""
        for name in FILLED:
            attname = Company._meta.get_field(name).attname  # type: ignore[union-attr]
            old, new = getattr(self.kept, attname), getattr(self.gone, attname)
            if name == "parent":
                old_is_open, new = old in (None, self.gone.pk), None if self.kept.pk in Company.chain_from(new) else new
            else:
                old_is_open = not old
            if old_is_open and (new or None) != (old or None):
                self.moved["fields"][attname] = [old, new]
                setattr(self.kept, attname, new)
        if "credit_code" in self.moved["fields"]:  # it stands once
            self.moved["gone"]["credit_code"] = self.gone.credit_code
            self.gone.credit_code = None
            self.gone._change_reason = self.reason
            self.gone.save()
        self.kept._change_reason = self.reason
        self.kept.save()

    def move_products(self) -> None:
        """Statements of a product that both have name the kept one's."""
        own = {(one.name, one.model): one for one in self.kept.products.all()}
        for product in self.gone.products.all():
            if same := own.get((product.name, product.model)):
                for statement in VerificationStatement.with_deleted.filter(products=product).select_for_update(of=("self",)):
                    had_both = statement.products.filter(pk=same.pk).exists()
                    self._swap(statement, product.pk, same.pk)
                    self.moved["products"].append([statement.pk, product.pk, None if had_both else same.pk])

    def _swap(self, statement: VerificationStatement, old: int, new: int) -> None:
        statement._change_reason = self.reason
        keys = set(statement.products.values_list("pk", flat=True))
        statement.products.set(sorted(keys - {old} | {new}))

    def move(self, relation: models.ForeignKey) -> None:
        """Every row of that relation, but those that the kept one has already, and its own parents, which cannot be below it."""
        model: Any = relation.model
        own_names = self.known_names() if model is CompanyName else set()
        above = Company.chain_from(self.kept.parent_id) if model is Company else []
        for row in list(rows_of(relation, self.gone).select_for_update(of=("self",))):  # whole rows are written
            is_known = model is CompanyName and row.name_folded in own_names
            if is_known or row.pk in above or not repoint(row, relation, self.kept.pk, self.reason):
                self.left.append(f"{capfirst(model._meta.verbose_name)}: {row}")
            else:
                self.moved["rows"].append([model._meta.label, relation.name, row.pk])

    def known_names(self) -> set[str]:
        return {self.kept.name_folded, *self.kept.names.values_list("name_folded", flat=True)}

    def keep_name(self) -> None:
        """The old name finds the kept one from now on."""
        if self.gone.name_folded not in self.known_names():
            alias = CompanyName(company=self.kept, name=self.gone.name, kind=CompanyName.Kind.FORMER)
            alias._change_reason = self.reason
            alias.save()
            self.moved["alias"] = alias.pk


def repoint(row: Any, relation: models.ForeignKey, key: int, reason: str) -> bool:
    """Let `row` point to the company with that key; False where another row has its place there."""
    before = getattr(row, relation.attname)
    setattr(row, relation.attname, key)
    row._change_reason = reason
    try:
        with transaction.atomic(savepoint=is_once(relation)):
            row.save()
    except IntegrityError:
        if not is_once(relation):
            raise
        setattr(row, relation.attname, before)
        return False
    return True


def is_once(relation: models.ForeignKey) -> bool:
    """Whether a rule of the table allows such a row once for each company."""
    rules = [one for one in relation.model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return any(relation.name in rule.fields for rule in rules)


def _lead(keys: Iterable[int], to: int) -> None:
    """What went into one of these leads there, too, however long ago."""
    keys = list(keys)
    while keys:
        earlier = CompanyMerge.objects.standing().filter(kept__in=keys).exclude(gone=to)
        keys = list(earlier.values_list("gone", flat=True))
        CompanyMerge.objects.filter(pk__in=list(earlier.values_list("pk", flat=True))).update(leads_to=to)


def undo(key: int, user: Any) -> tuple[CompanyMerge, list[str]]:
    """Put back what was moved and not changed since; the merge, and in words what could not be put back.

    Raises ValidationError where a later merge must be undone first, CompanyMerge.DoesNotExist.
    """
    with transaction.atomic():
        made = CompanyMerge.objects.select_for_update(of=("self",)).get(pk=key, undone_at=None)
        kept, gone = held(made.kept_id, made.gone_id)
        if kept.deleted_at:
            words = _("%(company)s is in the bin itself: take it out, or undo its own merge, first.")
            raise ValidationError(words % {"company": kept})
        made.undone_at, made.undone_by = timezone.now(), user
        made.save(update_fields=["undone_at", "undone_by"])
        reason = in_history(_("Merge undone: %(gone)s") % {"gone": made.gone_name})
        told = list(_Return(kept, gone, made.moved, reason).all())
        _lead([gone.pk], gone.pk)
    return made, told


class _Return:
    """One merge on its way back, inside a transaction; each step says what it could not put back."""

    def __init__(self, kept: Company, gone: Company, moved: dict[str, Any], reason: str) -> None:
        self.kept, self.gone, self.moved, self.reason = kept, gone, moved, reason

    def all(self) -> Iterator[str]:
        yield from self.companies()
        yield from self.alias()
        for label, name, key in self.moved["rows"]:
            yield from self.row(apps.get_model(label)._meta.get_field(name), key)
        for statement, old, new in self.moved["products"]:
            yield from self.product(statement, old, new)
        yield from self.strange_products()

    def companies(self) -> Iterator[str]:
        for attname, (old, new) in self.moved["fields"].items():
            if getattr(self.kept, attname) == new:
                setattr(self.kept, attname, old)
            else:
                label = next(one.verbose_name for one in Company._meta.fields if one.attname == attname)
                yield _("%(field)s of %(company)s was changed since.") % {"field": capfirst(label), "company": self.kept}
        self.kept._change_reason = self.gone._change_reason = self.reason
        self.kept.save()
        for name, old in self.moved["gone"].items():
            if getattr(self.kept, name) == old or Company.with_deleted.filter(**{name: old}).exists():
                yield _("%(value)s stays with the company that has it now.") % {"value": old}
            else:
                setattr(self.gone, name, old)
        self.gone.deleted_at, self.gone.deleted_reason = None, ""
        self.gone.save()

    def alias(self) -> Iterator[str]:
        """The old name goes again, unless somebody has changed it or made something of it."""
        if not self.moved["alias"]:
            return
        alias = CompanyName.objects.filter(pk=self.moved["alias"], company=self.kept).first()
        if alias and (alias.name, alias.kind) == (self.gone.name, CompanyName.Kind.FORMER):
            alias._change_reason = self.reason
            alias.delete()
        elif alias:
            yield _("The further name %(name)s was changed since and stays.") % {"name": alias}

    def row(self, relation: Any, key: int) -> Iterator[str]:
        row = relation.model._base_manager.select_for_update(of=("self",)).filter(pk=key).first()
        name = f"{capfirst(relation.model._meta.verbose_name)}: {row or key}"
        if row is None:
            yield _("%(name)s: no longer there.") % {"name": name}
        elif getattr(row, relation.attname) != self.kept.pk:
            yield _("%(name)s: moved elsewhere since.") % {"name": name}
        elif not repoint(row, relation, self.gone.pk, self.reason):
            yield _("%(name)s: another one has its place.") % {"name": name}

    def product(self, key: int, old: int, new: int | None) -> Iterator[str]:
        statement = VerificationStatement.with_deleted.select_for_update(of=("self",)).filter(pk=key).first()
        keys = set(statement.products.values_list("pk", flat=True)) if statement else set()
        is_there = statement and Product.objects.filter(pk=old).exists()
        if not is_there or statement.company_id != self.gone.pk or (new is not None and new not in keys):
            yield _("Products of statement %(number)s were changed since.") % {"number": key}
            return
        statement._change_reason = self.reason
        statement.products.set(sorted(keys - {new} | {old}))

    def strange_products(self) -> Iterator[str]:
        """What was one company's has been named by statements of both since: each names its own company's from now on."""
        for company, other in ((self.kept, self.gone), (self.gone, self.kept)):
            strange = VerificationStatement.products.through.objects.filter(product__company=other)
            found = VerificationStatement.with_deleted.filter(company=company, pk__in=strange.values("verificationstatement"))
            for statement in found.order_by("pk").select_for_update(of=("self",)):
                products = list(statement.products.all())
                own = [one if one.company_id == company.pk else self.namesake(one, company) for one in products]
                statement._change_reason = self.reason
                statement.products.set(own)
                names = _(", ").join(str(one) for one in products if one.company_id != company.pk)
                yield _("Statement %(number)s names %(products)s since: both companies have it now.") % {
                    "number": statement.pk,
                    "products": names,
                }

    def namesake(self, product: Product, company: Company) -> Product:
        found = Product.objects.filter(company=company, name=product.name, model=product.model).first()
        if found is None:
            found = Product(company=company, name=product.name, model=product.model)
            found._change_reason = self.reason
            found.save()
        return found


# Where the old key leads


def open_merges(keys: Iterable[int]) -> dict[int, CompanyMerge]:
    """The merge that each of these companies went with, by its key."""
    return {one.gone_id: one for one in CompanyMerge.objects.standing().filter(gone__in=list(keys)).select_related("leads_to")}


def leading_on(key: int) -> Company | None:
    """The company that the one with this key was merged into."""
    found = (
        CompanyMerge.objects.standing().filter(gone__in=Company.with_deleted.filter(pk=key)).select_related("leads_to").first()
    )
    return found.leads_to if found and found.leads_to.deleted_at is None else None


def merges_of(company: Company) -> models.QuerySet:
    """What was merged into it, the latest first."""
    return CompanyMerge.objects.standing().filter(kept=company.pk).select_related("merged_by")


def named_by_key() -> models.QuerySet:
    """Companies as filters name them: the key of one that was merged means the one that it was merged into."""
    went = CompanyMerge.objects.standing().filter(gone=models.OuterRef("pk"), leads_to__deleted_at=None)
    merged = Company.with_deleted.annotate(
        led_key=Coalesce(Subquery(went.values("leads_to")[:1]), F("pk"), output_field=models.BigIntegerField()),
        led_name=Coalesce(Subquery(went.values("leads_to__name")[:1]), F("name")),
    )
    return merged.filter(Q(deleted_at=None) | ~Q(led_key=F("pk")))


class CompanyFilter(RowChoiceFilter):
    """Companies by their keys, old and new."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rows=named_by_key, value="pk", key="led_key", text="led_name", only_given=True, **kwargs)


def stamp(*companies: Company) -> str:
    """Changes when one of them does: what was looked at is what is merged."""
    moments: list[dt.datetime] = [one.updated_at for one in companies]
    return "-".join(f"{moment.timestamp():.6f}" for moment in moments)
