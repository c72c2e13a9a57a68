"""What every admin class shares: quick lists, search by every key, one record for one form, warnings after save."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.forms.models import BaseInlineFormSet
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tanxun.records.models import FormToken, SoftDeletedModel
from tanxun.records.once import new_token, posted_token, said_in
from tanxun.search.fold import fold
from tanxun.search.queries import IndexedQuerySet

from .fields import LinesField, SafeAutocomplete, SafeAutocompleteMultiple
from .forms import CleanModelForm
from .lists import CappedPaginator, StaffChangeList, contains_all, found_in_memory, key_fits, query_problem, search_problem
from .meanwhile import changed_meanwhile, version_of

HOLDERS_SHOWN = 20
SEE_HISTORY = "site.see_who_did_what"


class SafeRelations:
    """Autocompletes that survive any key, with the labels of the other side's admin."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Beside a choice stand "add" and "change" only: fewer stops for the Tab key, and nothing is deleted in passing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        self._choose_widget(SafeAutocomplete, db_field, request, kwargs)
        return self._label(super().formfield_for_foreignkey(db_field, request, **kwargs), db_field)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        self._choose_widget(SafeAutocompleteMultiple, db_field, request, kwargs)
        return self._label(super().formfield_for_manytomany(db_field, request, **kwargs), db_field)

    def _choose_widget(self, widget, db_field, request, kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = widget(db_field, self.admin_site, using=kwargs.get("using"))

    def _label(self, field, db_field):
        other = self.admin_site._registry.get(db_field.remote_field.model)
        if field and isinstance(other, StaffAdmin):
            field.label_from_instance = other.option_label
        return field


class WholeSelection:
    """An action is on all that were ticked or offered, or on none: not on those that are left where somebody removed one, and
    not on what came in since.
    """

    def response_action(self, request, queryset):
        selected = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        if request.POST.get("select_across") == "1":
            if request.POST.get("offered") != str(count := queryset.count()):
                words = _("There are %(count)d by now, another number than was offered: nothing was changed. Select them again.")
                messages.error(request, words % {"count": count})
                return None
        elif queryset.filter(pk__in=selected).count() < len(selected):
            messages.error(request, _("Not every ticked row is there any more: nothing was changed. Tick them again."))
            return None
        return super().response_action(request, queryset)


class GuardedList(WholeSelection):
    """A list that answers what its filters declare, and leads back with a message from whatever else an address asks.

    Django itself takes any lookup of the model's own fields: a pattern that never ends, the beginning of a hash.
    """

    def get_changelist(self, request, **kwargs):
        return StaffChangeList

    def changelist_view(self, request, extra_context=None):
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        problem = query_problem(request.GET)
        if not all(key_fits(self.model, key) for key in selected):
            problem = _("The selection names something that cannot exist.")
        if problem or ERROR_FLAG in request.GET:
            messages.warning(request, problem or _("The address asks for something that this list does not know."))
            return redirect(request.path)
        return super().changelist_view(request, extra_context)


class StaffAdmin(GuardedList, SafeRelations, admin.ModelAdmin):
    """Base of all.

    What has a search index is searched by it; `search_fields` then only says that there is a box.
    `is_small`: a vocabulary of at most a few hundred rows, searched in memory by its text and pinyin.
    `kept_by`: reverse relations whose rows keep a record from being deleted.
    """

    form = CleanModelForm
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    is_small = False
    kept_by: tuple[str, ...] = ()

    class Media:
        js = ("tanxun/admin.js",)

    # Search

    def get_search_results(self, request, queryset, search_term):
        if search_problem(search_term):
            return queryset.none(), False
        if self.is_small:
            return found_in_memory(queryset, self.search_fields, search_term), False
        if isinstance(queryset, IndexedQuerySet):
            return queryset.search(search_term), False
        return contains_all(queryset, self.search_fields, search_term), False

    # Forms

    def option_label(self, obj) -> str:
        """How an autocomplete names `obj`."""
        return str(obj)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "cue_words":
            kwargs["form_class"] = LinesField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        return super().get_object(request, object_id, from_field) if key_fits(self.model, object_id) else None

    def get_fieldsets(self, request, obj=None):
        """Fields that only the form has cannot be shown to whom may only look."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) if obj else self.has_add_permission(request):
            return fieldsets
        extra = set(self.form.declared_fields) - {field.name for field in self.opts.get_fields()}
        shown = []
        for name, options in fieldsets:
            if fields := [field for field in options["fields"] if field not in extra]:
                shown.append((name, {**options, "fields": fields}))
        return shown

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form class of this one request: it knows what others changed since it was opened."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj and request.method == "POST":
            form.meanwhile = changed_meanwhile(self, obj, request.POST.get("version", ""))
        form.is_opened = "edit_again" in request.POST
        form.was_sent = getattr(request, "was_sent", False)
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return self._answer_form(request, object_id, form_url, extra_context)
        except IntegrityError:  # somebody else's row came in between: asked again, the form names it
            return self._answer_form(request, object_id, form_url, extra_context)

    def _answer_form(self, request, object_id, form_url, extra_context):
        if object_id is None and (answer := self._made_before(request)):
            return answer
        # Read before the record is: a version never claims to have seen more than the form shows.
        version = version_of(self, unquote(object_id)) if object_id else ""
        was_sent = getattr(request, "was_sent", False)
        token = (not was_sent and posted_token(request)) or new_token()
        context = {**(extra_context or {}), "form_token": token, "version": version}
        response = super().changeform_view(request, object_id, form_url, context)
        if object_id is None and response.status_code == 200 and not was_sent:
            # The first of two clicks was saved while the second was looked at: not a duplicate, the same one.
            return self._made_before(request) or response
        return response

    def _made_before(self, request):
        """The answer to a form that was sent before and made its record, else None.

        Who went back to such a form and wrote something else is asked whether that is to be another record: under a new token
        (`was_sent`).
        """
        token = posted_token(request)
        if not token or not self.has_add_permission(request):
            return None
        if (made := FormToken.objects.filter(key=token, model=self.opts.label).first()) is None:
            return None
        obj = self.get_object(request, made.object_id)
        FormToken.confirm(token)
        if obj is None or made.said not in ("", said_in(request)):  # None: it is in the bin by now
            request.was_sent = True
            return None
        return self.response_add(request, obj)

    def history_view(self, request, object_id, extra_context=None):
        if not request.user.has_perm(SEE_HISTORY):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change and (token := posted_token(request)):
            FormToken.spend(token, obj, said_in(request))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for warning in self.warnings(form.instance, form, change):
            messages.warning(request, warning)

    def warnings(self, obj, form, change):
        """What staff should know after saving `obj`; never a refusal."""
        return ()

    # Deletion

    def holders(self, objs) -> list:
        """Links to the records that keep `objs` from being deleted."""
        return [link_to(row) for obj in objs for rows in self.keeping(obj) for row in rows[:HOLDERS_SHOWN]]

    def keeping(self, obj) -> list[models.QuerySet]:
        """These records. What is deleted for good is kept by those in the bin, too: they would come back without it."""
        manager = "_default_manager" if issubclass(self.model, SoftDeletedModel) else "_base_manager"
        relations = [self.opts.get_field(name) for name in self.kept_by]
        return [getattr(one.related_model, manager).filter(**{one.field.name: obj}) for one in relations]

    def get_deleted_objects(self, objs, request):
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, lacking, [*protected, *self.holders(objs)]


def link_to(record):
    """To its page; of a record in the bin to the form that says why it is there."""
    if getattr(record, "deleted_at", None):
        form = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(form, args=[record.pk]), _("%(name)s (deleted)") % {"name": record})
    return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record)


class NamedFieldsFormSet(BaseInlineFormSet):
    """Fields say their names themselves: in a table of fields the heads of the columns name none of them."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.fields.values():
            if field.label and not field.widget.is_hidden:
                getattr(field.widget, "widget", field.widget).attrs.setdefault("aria-label", field.label)


class StaffInline(SafeRelations, admin.options.InlineModelAdmin):
    """Inlines ask the same rules and have the same autocompletes as forms."""

    form = CleanModelForm
    formset = NamedFieldsFormSet
    extra = 0


class OrderedFormSet(NamedFieldsFormSet):
    """New rows without a position of their own stand in the order in which they were typed, after what was there."""

    def clean(self):
        super().clean()
        last = -1
        for form in self.forms:
            if not form.has_changed() and not form.instance.pk:
                continue
            if not form.instance.pk and "position" not in form.changed_data:
                form.instance.position = last + 1
            last = max(last, form.instance.position)


class UniqueNamesFormSet(NamedFieldsFormSet):
    """Names that are one after folding (width, case, variants) are given once."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data.get("name") and form not in self.deleted_forms]
        keys = [fold(form.cleaned_data["name"]) for form in kept]
        for form, key in zip(kept, keys, strict=True):
            if keys.count(key) > 1:
                form.add_error("name", _("This name stands here twice."))


class ReadOnlyAdmin(StaffAdmin):
    """Looked at and chosen from; changed elsewhere."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
