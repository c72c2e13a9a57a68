"""A real object behind every address of the site: what there is, what is one's own, what is another's."""

import datetime as dt
import re
import uuid

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from certifications import merging
from certifications.models import Conflict, Programme, SheetImport
from certifications.recorded import seal
from policies.models import Target
from tanxun.alerts import confirming, unsubscribing
from tanxun.alerts.models import Mailbox, Message, ScheduledExport, Subscription
from tanxun.digest.feeds.models import FeedSource
from tanxun.digest.models import Digest, Draft, NewsItem, Newsletter, ReaderWord
from tanxun.jobs.models import Job, State
from tanxun.listing import exports
from tanxun.listing.keys import AccessKey
from tanxun.listing.models import SavedFilter
from tanxun.listing.page import find
from tanxun.records.models import Proposal
from tanxun.records.past import Past
from tanxun.search.models import Synonym
from tests import factory as f
from tests.hooking import hook
from tests.tokens import some_of_everything

TEXT = "碳讯周报\n\n苏州样例科技有限公司获得SGS颁发的产品碳足迹声明。\n"
DAY = dt.date(2026, 1, 16)


def newsletter(status=Draft.Status.PENDING, **kwargs):
    """An issue that came in, with one draft."""
    kwargs.setdefault("headline", "样例草稿")
    text = kwargs.pop("text", TEXT)
    issue = Newsletter.objects.create(text=text, text_hash=Newsletter.hash_of(text), title="来稿", reference_date=DAY)
    values = {"order": 1, "kind": "other", "section": "industry", "start": 0, "end": len(text), "text_hash": "0" * 64}
    draft = Draft.objects.create(newsletter=issue, status=status, **values | kwargs)
    return issue, draft


class World:
    """The records of the site, one of each at least."""

    def __init__(self):
        self.statement = some_of_everything()
        self.policy = Target.objects.get().policy
        f.issuing_body()
        Programme.objects.create(slug="sample", name="样例计划", statement_type=f.statement_type("green_factory"))
        self.newsletter, self.draft = newsletter()
        linked = newsletter(Draft.Status.ACCEPTED, text="另一期\n", policy=self.policy)[1]
        self.news = NewsItem.objects.create(headline="样例消息", kind="other", section="industry", text="样例。", source_on=DAY)
        self.feed = FeedSource.objects.create(name="样例源", address="https://example.org/feed.xml")
        self.digest = Digest.objects.published().get()
        self.hook = hook("https://hooks.example.org/1")
        self.removed_hook = hook("https://hooks.example.org/2", removed_at=timezone.now())
        Synonym.objects.get_or_create(words="甲样例=乙样例")
        ReaderWord.objects.get_or_create(kind="abroad", word="样例国")
        self.other = Holdings(f.user("manager", username="another"))
        self.linked = linked
        self.attachment = f.attachment(self.statement)
        self.twin = f.company("苏州样例孪生")
        self.merge = merging.merge(self.statement.company, f.company("苏州样例旧名"), self.other.user, "one company")
        if apps.is_installed("tanxun.site.sso"):
            self.ways_in(self.other.user)
        self.conflict = Conflict.objects.create(statement=self.statement, field="certificate_number", other="1", value="1")

    def ways_in(self, user):
        """A second factor, and a person at the company's server: where the site has such."""
        from allauth.mfa.models import Authenticator
        from allauth.socialaccount.models import SocialAccount

        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        SocialAccount.objects.create(user=user, provider="company", uid="u-1")

    def row(self, model):
        """One object of that model of the admin."""
        found = model._base_manager.order_by("pk").first()
        if found is None:
            raise LookupError(f"the world holds no {model._meta.label}")
        return found


class Holdings:
    """What one person may have."""

    def __init__(self, user):
        self.user = user
        mine = {"owner": user, "page": "statements", "query": "validity=valid"}
        self.filter = SavedFilter.objects.create(name="我的", **mine)
        self.deleted = SavedFilter.objects.create(name="删了", deleted_at=timezone.now(), **mine)
        self.feed, self.feed_key = AccessKey.make(user, AccessKey.Kind.ADDRESS, "a feed", address="/statements.atom?q=")
        self.tokens = {scope: self.token([scope]) for scope in ("read", "export")}
        self.export = self.file()
        self.open_job = self.job(kind="count")
        self.proposal = Proposal.objects.create(proposer=user, title="一改", path="/statements/", language="en")
        self.sheet = SheetImport.objects.create(name="表.xlsx", size=1, digest="0" * 64, created_by=user, state="checked")
        self.sheet.report_path.write_bytes(b"report")
        Mailbox.objects.create(user=user, language="en")
        self.subscription = Subscription.objects.create(user=user, saved_filter=self.filter)
        self.schedule = ScheduledExport.objects.create(owner=user, saved_filter=self.filter, weekday=0, next_on=DAY, ending="csv")
        self.message = Message.objects.create(channel="mail", recipient=f"user-{user.pk}", kind="weekly", key="weekly-1")

    def token(self, scopes):
        later = timezone.now() + dt.timedelta(days=30)
        return AccessKey.make(self.user, AccessKey.Kind.TOKEN, "a program", scopes=scopes, expires_at=later)

    def file(self):
        """A file that was written for them, on the disk."""
        made = self.job(kind=exports.write_export.module_path, state=State.DONE)
        exports.folder().mkdir(parents=True, exist_ok=True)
        (exports.folder() / f"{made.pk}.csv").write_text("a,b")
        made.result = {"file": f"{made.pk}.csv", "name": "a.csv"}
        made.save()
        return made

    def job(self, **kwargs):
        kwargs = {"owner": self.user, "title": "一事", "effect": uuid.uuid4().hex, "language": "en"} | kwargs
        return Job.objects.create(id=uuid.uuid4(), **kwargs)


def filled(address, name, world, mine):
    """The path to ask at an address of the table for the person whose holdings are `mine`."""
    whose = world.other if "<other's>" in address else mine
    path = re.sub(r"<(own|other's)>", "<id>", address)
    if path.startswith("/admin/"):
        return in_admin(path, name, world)
    if name == "places":
        return f"{path}?within=320000"
    values = values_of(name, world, whose)
    for key in re.findall(r"<(\w+)>", path):
        if values.get(key) is None:
            raise LookupError(f"say in {__name__} what stands for <{key}> at {address} ({name})")
        path = path.replace(f"<{key}>", str(values[key]))
    return path


def in_admin(path, name, world):
    if name == "admin:autocomplete":
        return f"{path}?app_label=certifications&model_name=verificationstatement&field_name=company"
    if "<id>" not in path:
        return path.replace("<nothing>", "nothing")
    if name == "admin:view_on_site":
        return f"/admin/r/{ContentType.objects.get_for_model(world.statement).pk}/{world.statement.pk}/"
    label, model = path.split("/")[2:4]
    model = next(each for each in admin.site._registry if each._meta.label_lower == f"{label}.{model}")
    row = world.row(model)
    if path.endswith("/history/<id>/"):
        path = path.replace("/history/<id>/", f"/history/{newest_change(model, row)}/")
    return path.replace("<id>", str(row.pk))


def newest_change(model, row):
    """What the history calls the latest change of that row; of what keeps none, anything."""
    changes = Past(model, row.pk, admin.site._registry[model].parts()).changes() if hasattr(model, "history") else []
    return changes[0].slug if changes else "1"


def of_lists(world):
    """The record behind each list."""
    return {
        "statements": world.statement,
        "companies": world.statement.company,
        "bodies": world.statement.verification_body,
        "policies": world.policy,
        "targets": world.policy.targets.first(),
        "incentives": world.policy.incentives.first(),
        "digests": world.digest,
    }


def record_of(name, world, whose):
    """The record that the address of that name speaks of."""
    lists = of_lists(world)
    if listed := next((record for slug, record in lists.items() if name.startswith((f"api-{slug}", f"{slug}-"))), None):
        return listed
    records = {
        "certifications:statement": world.statement,
        "certifications:statement-linked": world.statement,
        "certifications:credential": world.statement,
        "certifications:company": lists["companies"],
        "certifications:body": lists["bodies"],
        "policies:policy": world.policy,
        "policies:policy-linked": world.policy,
        "policies:target": lists["targets"],
        "policies:incentive": lists["incentives"],
        "digest:news_item": world.news,
        "digest:issue": world.digest,
        "digest:issue_file": world.digest,
        "digest:review": world.newsletter,
        "digest:links": world.linked,
        "digest:feed": world.feed,
        "saved-restore": whose.deleted,
        "address-revoke": whose.feed,
        "token-revoke": whose.tokens["read"][0],
        "export-file": whose.export,
        "approval": whose.proposal,
        "certifications:import": whose.sheet,
        "certifications:import-report": whose.sheet,
        "alerts:change": whose.subscription,
        "alerts:change-export": whose.schedule,
        "alerts:hook": world.hook,
        "alerts:hook_restore": world.removed_hook,
        "attachment": world.attachment,
        "attachment-change": world.attachment,
        "certifications:merge": lists["companies"],
        "certifications:undo-merge": world.merge,
        "confirm": world.statement,
    }
    own = {"saved": whose.filter, "jobs": whose.open_job}
    return records.get(name) or own.get(re.split("[:-]", name)[0])


def confirm_token(user, address="new@example.org"):
    """Of a link that waits to be followed."""
    confirming.ask(user, address)
    return confirming.token_of(confirming.asked_since(user, confirming.GOOD_FOR).latest("pk"), user)


def values_of(name, world, whose):
    """What stands in the placeholders of the address of that name."""
    user, record = whose.user, record_of(name, world, whose)
    tokens = {
        "alerts:stop": signing.dumps([user.pk, whose.subscription.pk], salt=unsubscribing.SALT),
        "password_reset_confirm": default_token_generator.make_token(user),
        "alerts:confirm": confirm_token(user) if name == "alerts:confirm" else "",
    }
    names = {"digest:issue_file": "text", "digest:draft_file": "text", "secret-address": "statements.atom"}
    if name.endswith("-counts"):
        names[name] = find(name.removesuffix("-counts")).facets[0]
    return {
        "id": record and record.pk,
        "kind": "certifications.verificationstatement",
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "key": whose.feed_key if name == "secret-address" else record and record.pk,
        "name": names.get(name),
        "week": "2026-W03",
        "token": tokens.get(name, ""),
        "nothing": "nothing",
    }


BODIES = {
    "export": {"ending": "csv"},
    "saved-add": {"list": "statements", "query": "", "name": "neu"},
    "saved-edit": {"name": "anders"},
    "saved-default": {"on": "1"},
    "attachment-change": {"action": "save", "audience": "staff"},
    "address-add": {"address": "/statements.atom"},
    "approval": {"action": "seen"},
}


def body(name, world):
    """What a POST there carries, so that who is let in is not answered that nothing is asked for."""
    of_world = {
        "alerts:follow": {"company": world.statement.company.pk},
        "alerts:change": {"action": "pause"},
        "alerts:change-export": {"action": "pause"},
        "certifications:company": {"action": "add", "text": "下周打电话"},
        "certifications:merge": {"with": world.twin.pk},
        "certifications:conflicts": {
            "conflict": world.conflict.pk,
            "choice": "kept",
            "seen": seal(world.statement, world.conflict.field),
        },
        "certifications:import": {"action": "check"},
        "digest:review": {"draft": world.draft.pk, "action": "skip"},
    }
    last = name.rpartition("-")[2]
    return of_world.get(name) or BODIES.get(name) or (BODIES["export"] if last == "export" and "alerts" not in name else {})
