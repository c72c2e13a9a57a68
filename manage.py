#!/usr/bin/env python3
"""The one entry point: `manage.py start` sets up and runs the site; `manage.py help` lists the rest."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever calls it with an old one gets here
        sys.exit("Tanxun needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanxun.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
