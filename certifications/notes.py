"""Writing, changing and settling the team's notes on a company: plain forms on the company's own page."""

import uuid
from typing import Any, Self

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.parameters import KEY
from tanxun.records.models import FormToken
from tanxun.records.once import said_in

from .models import Company, CompanyNote

SHOWN = 20


class NoteForm(forms.ModelForm):
    """`token` marks a new note, so that a form sent twice makes one; `version` is what an old note was when it was opened."""

    token = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=1, max_value=10**6, widget=forms.HiddenInput)

    class Meta:
        model = CompanyNote
        fields = ("text", "follow_up_on")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3}),
            "follow_up_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"note-{kwargs['instance'].pk or 'new'}-%s", **kwargs)
        self.fields["follow_up_on"].label = _("Follow up on")
        self.initial["version"] = self.instance.version
        if self.instance.pk:  # nothing would spend it, and a form that carries one may be sent twice (tanxun/site/again.py)
            del self.fields["token"]
        else:
            self.initial["token"] = uuid.uuid4().hex

    def sent_anew(self) -> Self:
        """The same words under another token, for who went back to a form that was kept and wrote something else."""
        self.data = self.data.copy()
        self.data["token"] = uuid.uuid4().hex
        self.instance.pk = None  # the row was taken back
        self.add_error(
            None, _("This form was sent before and is kept as it was then. Send it again to add this as another note.")
        )
        return self

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if "\0" in text:
            raise forms.ValidationError(_("NUL characters cannot be read."))
        return text


class NotesMixin:
    """For the company's view: `note_board` is what the page shows of notes, and a POST writes one."""

    request: HttpRequest
    object: Company

    def note_board(self, unsaved: NoteForm | None = None) -> dict[str, Any]:
        """The visible notes, each with its form, and an empty one; nothing for those who may not write any.

        `?notes=all`, and a form that was refused, show more than the first ones.
        """
        if not CompanyNote.may_be_written_by(self.request.user):
            return {}
        people = ("written_by", "changed_by", "done_by")
        notes = list(self.object.notes.visible_to(self.request.user).select_related(*people))
        shown = notes if unsaved or self.request.GET.get("notes") == "all" else notes[:SHOWN]
        forms_ = [unsaved if unsaved and unsaved.instance.pk == note.pk else NoteForm(instance=note) for note in shown]
        new = unsaved if unsaved and not unsaved.instance.pk else NoteForm(instance=CompanyNote())
        return {"may_write_notes": True, "note_forms": forms_, "new_note": new, "are_more_notes": len(notes) > len(shown)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if not CompanyNote.may_be_written_by(request.user):
            return self.handle_no_permission()
        action = request.POST.get("action")
        if action == "add":
            return self.add_note()
        with transaction.atomic():
            note = self.visible_note(request.POST.get("note", ""))
            return self.settle_note(note, action) if action in ("done", "reopen") else self.change_note(note)

    def add_note(self) -> HttpResponse:
        form = NoteForm(self.request.POST, instance=CompanyNote(company=self.object, written_by=self.request.user))
        if not form.is_valid():
            return self.refuse_note(form)
        try:
            with transaction.atomic():
                note = form.save()
                if token := form.cleaned_data["token"]:
                    FormToken.spend(token, note, said_in(self.request))
        except IntegrityError:
            if (spent := FormToken.objects.filter(key=form.cleaned_data["token"]).first()) is None:
                raise
            FormToken.confirm(spent.key)  # the same form a second time
            if spent.said not in ("", said_in(self.request)):
                return self.refuse_note(form.sent_anew())
            return redirect(f"{self.object.get_absolute_url()}#notes")
        return redirect(note)

    def visible_note(self, key: str) -> CompanyNote:
        notes = self.object.notes.visible_to(self.request.user).select_for_update(of=("self",))
        note = notes.filter(pk=key).first() if KEY.fullmatch(key) else None
        if note is None:
            raise Http404
        return note

    def settle_note(self, note: CompanyNote, action: str) -> HttpResponse:
        """Done, or open again: twice is the same as once."""
        note.mark_done(self.request.user) if action == "done" else note.reopen()
        note.version += 1
        note.save()
        return redirect(note)

    def change_note(self, note: CompanyNote) -> HttpResponse:
        was = note.version
        form = NoteForm(self.request.POST, instance=note)
        if form.is_valid() and form.cleaned_data["version"] != was:
            form.data = form.data.copy()
            form.data["version"] = was
            words = _("Somebody changed this note after you opened it: save again to put yours in place of what stands above.")
            form.add_error(None, words)
        if not form.is_valid():
            note.refresh_from_db()  # the form wrote into it what was typed
            return self.refuse_note(form)
        note.changed_by, note.changed_at, note.version = self.request.user, timezone.now(), was + 1
        form.save()
        return redirect(note)

    def refuse_note(self, form: NoteForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(unsaved_note=form), status=422)
