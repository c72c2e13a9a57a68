"""A process of ours whose clock is wrong by SHIFT seconds: `python -m tests.shifted run_worker …` is `manage.py run_worker …`.

The clock of the database stays right, as on a machine of its own. Started by test_clocks_apart.py.
"""

import datetime as dt
import os
import sys

import time_machine

if __name__ == "__main__":
    shift = dt.timedelta(seconds=int(os.environ["SHIFT"]))
    time_machine.travel(dt.datetime.now(dt.UTC) + shift).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
