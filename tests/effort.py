"""How many examples hypothesis draws: few in the ordinary suite, thousands where `.ci/run --nightly` sets HYPOTHESIS_PROFILE."""

import os

IS_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def examples(ordinary: int, nightly: int) -> int:
    """A thousandfold of all would take days: each test says itself what a night is worth."""
    return nightly if IS_NIGHTLY else ordinary
