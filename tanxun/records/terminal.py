"""The base of our commands: messages in the language of the terminal (`LANG`, or `--lang`), errors as one line."""

import os
import sys
from contextlib import suppress

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation


def terminal_language(chosen: str | None = None) -> str:
    """`zh-hans` or `en`: the one chosen, else by LC_ALL/LC_MESSAGES/LANG; Chinese unless the terminal says otherwise."""
    wish = chosen or next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "zh")
    return "en" if wish.lower().startswith("en") else "zh-hans"


class TerminalCommand(BaseCommand):
    """Exit 0 success, 1 data error, 2 misuse (argparse); errors stand on standard error, one line each."""

    def create_parser(self, prog_name, subcommand, **kwargs):
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--lang", choices=("zh-hans", "en"), help="language of messages and of files written")
        return parser

    def run_from_argv(self, argv):
        try:
            super().run_from_argv(argv)
        except KeyboardInterrupt:
            with suppress(OSError):
                self.stderr.write("")
            sys.exit(130)

    def execute(self, *args, **options):
        with translation.override(terminal_language(options.get("lang"))):
            return super().execute(*args, **options)

    @staticmethod
    def fail(message: str, *, misuse: bool = False) -> CommandError:
        """The error to raise: a data error exits with 1, misuse with 2."""
        return CommandError(" ".join(str(message).split()), returncode=2 if misuse else 1)
