"""The two real issues, against what a careful person read out of them."""

import datetime as dt
import json
import subprocess
import sys

import pytest

from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.vocabulary import shipped
from tests.conftest import SHARED


def test_core_score_of_the_real_issues(seeds, tmp_path):
    scorer = SHARED / "tools" / "score_extraction.py"
    if not scorer.exists():
        pytest.skip("the scorer does not stand beside this checkout")
    pairs = []
    for number, (path, day) in enumerate(seeds, start=1):
        found = as_gold(read(path.read_text(encoding="utf-8"), dt.date.fromisoformat(day), shipped()))
        written = tmp_path / f"seed-{number}.json"
        written.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        pairs += [str(SHARED / "gold" / f"seed-{number}.json"), str(written)]
    result = subprocess.run(
        [sys.executable, str(scorer), *pairs, "--min-f1", "0.98"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_nothing_in_the_real_issues_needs_a_person(seeds):
    for path, _day in seeds:
        assert [
            item.needs_person for item in read(path.read_text(encoding="utf-8"), None, shipped()).items if item.needs_person
        ] == []
