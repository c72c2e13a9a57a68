"""What all tests share: Chinese first, and the programs that some of them need."""

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_configure(config):
    config.addinivalue_line("markers", "program(name): needs this program on the machine")


def pytest_runtest_setup(item):
    for marker in item.iter_markers("program"):
        name = marker.args[0]
        if not shutil.which(name):
            if os.environ.get("CI"):
                pytest.fail(f"{name} is not installed, and CI must not skip")
            pytest.skip(f"{name} is not installed")


@pytest.fixture
def seeds():
    """The two real issues with their reference dates, or a skip where they do not stand beside the checkout."""
    folder = SHARED / "seeds"
    if not folder.exists():
        pytest.skip("the real issues do not stand beside this checkout")
    return [(folder / "000_bb581335c1506cd0.txt", "2026-01-16"), (folder / "003_d5932ec65ab4166c.txt", "2026-02-06")]
