"""`manage.py start`: everything from an empty folder to a running site. Safe to repeat."""

import signal

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _

from tanxun.digest import intake
from tanxun.records import sealing
from tanxun.records.terminal import TerminalCommand
from tanxun.search import index
from tanxun.site import backup, checks, reference, roles, samples, start, tables


class Command(TerminalCommand):
    help = "Set up and run the site: database, reference data, sample issues and accounts, job worker, web server."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--set-up", action="store_true", help="set up and end: for servers that run by themselves")
        parser.add_argument("--no-sample", action="store_true", help="no sample issues and no sample accounts")

    def handle(self, *, host, port, set_up, no_sample, **options):
        # Ctrl-C counts from the first step on, also where a script in the background has it ignored for its children.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        start.check_data_folder(settings.DATA_DIR)
        if set_up:
            start.wait_for_database(self.say)
        else:
            start.check_port(host, port)
        start.check_database()
        self.prepare_database()
        self.prepare_data(with_sample=not no_sample, tell=self.keep if set_up else self.show)
        self.step(_("Search index"), self.write_search_index)
        self.step(_("Static files"), start.collect_static)
        for worry in checks.worries():
            self.say(_("Note: %(worry)s %(advice)s") % {"worry": worry.msg, "advice": worry.hint})
        connection.close()
        if set_up:
            return
        raise SystemExit(start.Servers(host, port, self.say).run())

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def step(self, title, work):
        """Run `work`, showing the step's title first and what came of it after."""
        self.stdout.write(f"· {title} … ", ending="")
        self.stdout.flush()
        self.say(work() or _("done"))

    def prepare_database(self):
        pending = start.pending_migrations()
        if not pending:
            self.say("· " + _("Database") + " … " + _("up to date"))
            sealing.seal()  # what a migrate does at its end, if it was ended before
            roles.make_roles()
            return
        if start.is_migrated() and tables.has_records("default"):
            self.step(_("Backup before the update"), lambda: str(backup.set_aside("update")))
        self.say("· " + _("Database") + ": " + _("%(count)s migrations") % {"count": pending})
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)

    def prepare_data(self, *, with_sample, tell):
        self.say("· " + _("Reference data"))
        reference.load(lambda line: self.say(f"    {line}"))
        # Whole or not at all: interrupted, the next start begins again, and no password stands that nobody has seen.
        with transaction.atomic():
            fresh = samples.is_empty()
            accounts = [made] if (made := samples.make_administrator()) else []
            if with_sample and fresh:
                accounts += samples.make_sample_accounts()
                self.bring_in_samples()
            if accounts:
                tell(accounts)

    def show(self, accounts):
        self.say(_("Accounts (shown this once):"))
        for name, password in accounts:
            self.say(f"    {name:<20} {password}")

    def keep(self, accounts):
        words = _("The first password is in %(path)s: delete that file after signing in.")
        self.say(words % {"path": start.keep_passwords(accounts)})

    def write_search_index(self):
        """What a migration, or a process that ended too early, left to be written."""
        index.complete()
        return _("%(count)s changes written") % {"count": index.write_all()}

    def bring_in_samples(self):
        self.say("· " + _("Sample issues"))
        user = roles.acting_user()
        for name, content, day in samples.sample_issues():
            result = intake.bring_in(name, content, reference_date=day, user=user)
            outcome = intake.accept_all(result.newsletter, user)
            words = _("%(accepted)s of %(count)s accepted")
            self.say(f"    {name}: " + words % {"accepted": outcome.accepted, "count": result.draft_count})
