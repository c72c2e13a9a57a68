"""Saved filters: a query string with a name, opened with the rights of whoever opens it. `/saved/` and what its buttons do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from .access import person
from .controls import same_query
from .models import UNDO_DAYS, Habit, SavedFilter
from .page import InvalidParametersError, ListPage, UnknownPageError, find, pages
from .parameters import KEY
from .subscribing import addresses_of, is_shown_subscribing

PagePanel = Callable[[HttpRequest], "tuple[str, dict[str, Any]] | None"]
SAVE_PERMISSION = "listing.add_savedfilter"


class PeopleField(forms.ModelMultipleChoiceField):
    """Numbers of accounts; what no key can be is refused before it is asked for, as SQLite cannot even compare it."""

    def clean(self, value: Any) -> Any:
        for text in value or ():
            if not KEY.fullmatch(str(text)):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": str(text)[:60]})
        return super().clean(value)


class SavedFilterForm(forms.ModelForm):
    """The name, and with whom the filter is shared."""

    shared_with_role = forms.ChoiceField(label=gettext_lazy("Shared with the role"), required=False)

    class Meta:
        model = SavedFilter
        fields = ("name", "shared_with_role", "people")
        field_classes = {"people": PeopleField}
        widgets = {"people": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        lowest, *higher = get_user_model()._meta.get_field("role").choices or ()
        above = [(role, _("%(role)s and above") % {"role": label}) for role, label in higher]
        field: Any = self.fields["shared_with_role"]
        field.choices = [("", _("nobody")), (lowest[0], _("everybody")), *above]
        people: Any = self.fields["people"]
        people.queryset = get_user_model().objects.filter(is_active=True).exclude(pk=self.instance.owner_id).order_by("username")

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        mine = SavedFilter.objects.live().filter(owner=self.instance.owner_id, page=self.instance.page, name=name)
        if mine.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a filter of this name for this list already."))
        return name


@require_safe
def overview(request: HttpRequest, panels: Sequence[PagePanel] = ()) -> HttpResponse:
    """All that they may use, by list; to htmx those of one list, for its menu. `panels` are what higher packages show here."""
    usable = SavedFilter.objects.visible_to(request.user).select_related("owner").prefetch_related("people")
    default = Habit.objects.filter(user=request.user.pk, page=OuterRef("page")).values("default_filter")
    found = usable.annotate(default=Subquery(default))
    made = {page.slug: page() for page in pages()}
    titles = {slug: page.title for slug, page in made.items()}
    if request.headers.get("HX-Request"):
        only = found.filter(page=request.GET.get("list", "")[:40].replace("\0", ""))
        menu = render(request, "listing/_saved_menu.html", {"filters": only, "next": "list"})
        patch_vary_headers(menu, ("HX-Request",))
        return menu
    for one in found:
        if one.page in made:
            one.feed_address, one.calendar_address = addresses_of(made[one.page], one.query)  # type: ignore[attr-defined]
    since = timezone.now() - dt.timedelta(days=UNDO_DAYS)
    deleted = SavedFilter.objects.filter(owner=request.user.pk, deleted_at__gte=since).order_by("-deleted_at")
    lists = [(title, [one for one in found if one.page == slug], True) for slug, title in titles.items()]
    lists.append((_("Lists that are no more"), [one for one in found if one.page not in titles], False))
    context: dict[str, Any] = {"lists": [part for part in lists if part[1]], "deleted": deleted, "undo_days": UNDO_DAYS}
    context["may_subscribe"] = is_shown_subscribing(request)
    drawn = filter(None, (panel(request) for panel in panels))
    context["panels"] = [render_to_string(template, about | {"undo_days": UNDO_DAYS}, request) for template, about in drawn]
    response = render(request, "listing/saved.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


@require_safe
def open_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """To the list. Whether they may use it is asked now, not when the link was made."""
    saved = usable_or_404(request, pk)
    page = page_or_404(saved.page)
    return redirect(f"{reverse(page.slug)}?{saved.query or 'page=1'}")


@require_POST
@permission_required(SAVE_PERMISSION, raise_exception=True)
def add(request: HttpRequest) -> HttpResponse:
    """Save the query string of a list under a name. What the list refuses is not saved."""
    page = page_or_404(request.POST.get("list", ""))
    try:
        rows = page.rows(QueryDict(request.POST.get("query", "")))
    except InvalidParametersError:
        raise Http404 from None
    query = rows.query_string(per_page=None)
    if same := namesake(request, page):
        return answer_again(request, same, page, query)
    saved = SavedFilter(owner=person(request), page=page.slug, query=query)
    form = SavedFilterForm(request.POST, instance=saved)
    if not written(form):
        if same := namesake(request, page):  # the first of two clicks was saved while the second was looked at
            return answer_again(request, same, page, query)
        return render(request, "listing/saved_form.html", {"form": form, "page": page, "query": query}, status=400)
    return after_saving(request, saved, page)


def namesake(request: HttpRequest, page: ListPage) -> SavedFilter | None:
    """Their own filter that has the name already."""
    name = request.POST.get("name", "").replace("\0", "").strip()
    return SavedFilter.objects.live().filter(owner=request.user.pk, page=page.slug, name=name).first() if name else None


def answer_again(request: HttpRequest, same: SavedFilter, page: ListPage, query: str) -> HttpResponse:
    """Saved once more as it is: nothing to do. Other filters under its name: they take its place where that was asked for, so
    that what rests on it goes on with them.
    """
    if not same_query(same.query, query) and not request.POST.get("replace"):
        form = SavedFilterForm(request.POST, instance=SavedFilter(owner=person(request), page=page.slug, query=query))
        context = {"form": form, "page": page, "query": query, "same": same}
        return render(request, "listing/saved_form.html", context, status=400)
    if not same_query(same.query, query):
        same.query = query
        same.save(update_fields=["query"])
    return after_saving(request, same, page)


def after_saving(request: HttpRequest, saved: SavedFilter, page: ListPage) -> HttpResponse:
    if request.POST.get("default"):
        Habit.objects.update_or_create(user=person(request), page=page.slug, defaults={"default_filter": saved})
    messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
    return redirect(f"{reverse(page.slug)}?{saved.query or 'page=1'}")


@permission_required(SAVE_PERMISSION, raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, share. The owner's alone."""
    saved = own_or_404(request, pk)
    form = SavedFilterForm(request.POST if request.method == "POST" else None, instance=saved)
    if request.method == "POST" and written(form):
        return redirect("saved")
    context = {"form": form, "page": page_or_404(saved.page), "saved": saved}
    return render(request, "listing/saved_form.html", context, status=400 if form.errors else 200)


@require_POST
@permission_required(SAVE_PERMISSION, raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = own_or_404(request, pk)
    saved.deleted_at = timezone.now()
    saved.save(update_fields=["deleted_at"])
    messages.success(request, _("“%(name)s” was deleted. It can be brought back below.") % {"name": saved.name})
    return redirect("saved")


@require_POST
@permission_required(SAVE_PERMISSION, raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo `delete`; refused where its name was given to another meanwhile."""
    saved = get_object_or_404(SavedFilter, pk=pk, owner=request.user.pk, deleted_at__isnull=False)
    saved.deleted_at = None
    try:
        with transaction.atomic():
            saved.save(update_fields=["deleted_at"])
    except IntegrityError:
        messages.error(request, _("Another filter is called “%(name)s” now: rename that one first.") % {"name": saved.name})
    return redirect("saved")


@require_POST
def default(request: HttpRequest, pk: int) -> HttpResponse:
    """The list opens with this filter (`on=1`), or with everything again. Then to where the button stood."""
    if request.POST.get("on"):
        saved = usable_or_404(request, pk)
        slug, address = saved.page, f"?{saved.query or 'page=1'}"
        Habit.objects.update_or_create(user=person(request), page=slug, defaults={"default_filter": saved})
    else:
        habit = get_object_or_404(Habit.objects.select_related("default_filter"), user=request.user.pk, default_filter=pk)
        slug, address = habit.page, ""
        Habit.objects.filter(pk=habit.pk).update(default_filter=None)
    return redirect("saved") if request.POST.get("next") == "saved" else redirect(f"{reverse(page_or_404(slug).slug)}{address}")


def written(form: SavedFilterForm) -> bool:
    """Whether the form was right and is saved; a name taken at the same moment is an error of the form."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", _("You have a filter of this name for this list already."))
    return not form.errors


def same_filters(user: Any, slug: str, query: str) -> list[SavedFilter]:
    """The saved filters that this person may use and that ask that list for just this."""
    usable = SavedFilter.objects.visible_to(user).filter(page=slug).select_related("owner")
    return [one for one in usable if same_query(one.query, query)]


def usable_or_404(request: HttpRequest, pk: int) -> SavedFilter:
    return get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=pk)


def own_or_404(request: HttpRequest, pk: int) -> SavedFilter:
    return get_object_or_404(SavedFilter.objects.live(), pk=pk, owner=request.user.pk)


def page_or_404(slug: str) -> ListPage:
    try:
        return find(slug)
    except UnknownPageError:
        raise Http404 from None


def saved_urls(*panels: PagePanel) -> list[URLPattern]:
    return [
        path("saved/", overview, {"panels": panels}, name="saved"),
        path("saved/add/", add, name="saved-add"),
        path("saved/<int:pk>/", open_filter, name="saved-open"),
        path("saved/<int:pk>/edit/", edit, name="saved-edit"),
        path("saved/<int:pk>/delete/", delete, name="saved-delete"),
        path("saved/<int:pk>/restore/", restore, name="saved-restore"),
        path("saved/<int:pk>/default/", default, name="saved-default"),
    ]
