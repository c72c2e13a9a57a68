"""The rows: LOAD-01 to -06, -08 to -10, ALR-12, API-09 and -13, EXP-11 of the catalogue of what must hold. The other LOAD rows
are ordinary tests.
"""

from functools import partial
from typing import Protocol

from tests.benchmarks.results import AtMost, Result

from .kinds import ERRORS, LOST, P95, P95_WRITES, Crowded, Ground, LastPages, LongHistory, ManyExports, Searches
from .polling import Polls
from .programs import BEYOND, DEVIATIONS, Eager, Guesses
from .slow import P95_THROUGH, SlowConnections
from .soak import GROWTH, HANDLES, Soak
from .storms import LET_IN, MEMORY, REFUSED, OneFile, Storm


class Row(Protocol):
    """`name` is its number, `what` what is done, each goal about one figure."""

    name: str
    what: str
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result: ...


always = partial(AtMost, always=True)
NO_ERRORS, NONE_LOST = always(0, ERRORS), always(0, LOST)
LENGTHS = (1, 30)
SEARCHES = tuple(AtMost(500, f"{P95}, {where}, {length} characters") for length in LENGTHS for where in ("list", "search page"))

ROWS: tuple[Row, ...] = (
    Crowded("LOAD-01", "50 readers, lists with random filters", 50, 5, (AtMost(500, P95), NO_ERRORS)),
    Crowded(
        "LOAD-02",
        "50 readers, 4 writers, one who exports, one who imports",
        50,
        10,
        (AtMost(800, P95), AtMost(500, P95_WRITES), NO_ERRORS, NONE_LOST),
        writers=4,
    ),
    Searches("LOAD-03", "searches of one Chinese character, and of 30 characters", LENGTHS, (*SEARCHES, NO_ERRORS)),
    LastPages("LOAD-04", "the last page", (AtMost(800, P95), NO_ERRORS)),
    Soak(
        "LOAD-05",
        "10 readers, a writer, exports and imports",
        10,
        60,
        (always(10, GROWTH), always(2, HANDLES), NO_ERRORS, NONE_LOST),
    ),
    SlowConnections(
        "LOAD-06",
        "500 slow connections to nginx as shipped, 10 readers",
        500,
        10,
        2,
        (AtMost(500, P95), AtMost(500, P95_THROUGH), NO_ERRORS),
    ),
    LongHistory("LOAD-08", "history pages, ten entries for each statement", 10, (AtMost(500, P95), NO_ERRORS)),
    ManyExports(
        "LOAD-09",
        "20 exports asked for at once, 10 readers",
        20,
        10,
        (
            AtMost(500, P95),
            always(0, "unfinished exports"),
            always(0, "exports out of order"),
            NO_ERRORS,
        ),
    ),
    Storm(
        "LOAD-10",
        "20 wrong passwords a second, 10 readers",
        20,
        10,
        2,
        (AtMost(500, P95), always(0, LET_IN), always(0, REFUSED), NO_ERRORS),
    ),
    OneFile("EXP-11", "workbooks of all rows, 10 readers", 10, 3, (always(300, MEMORY), AtMost(500, P95), NO_ERRORS)),
    Polls("ALR-12", "50 polls of feeds and calendars a second, nothing new", 50, 10, 1, (AtMost(50, P95), NO_ERRORS)),
    # p > 0.01 on both sides: what chance alone exceeds once in a hundred runs.
    Guesses(
        "API-09",
        "wrong tokens, half of them with the first sign right",
        20_000,
        (always(2.576, DEVIATIONS), NO_ERRORS),
    ),
    Eager("API-13", "100 requests a second with one token", 100, 1, (AtMost(500, P95), always(0, BEYOND), NO_ERRORS)),
)
