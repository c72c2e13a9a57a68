"""The targets of `python -m tests.fuzz` hold what they promise on a few strange bytes."""

import random

import pytest

from tests.fuzz.targets import TARGETS

pytestmark = [pytest.mark.any_engine, pytest.mark.django_db]


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_what_becomes_of_them(name):
    """NWS-11, NWS-12, IMP-12, FLT-20: cut, doubled, mixed and spoiled; the branches are looked for by `python -m tests.fuzz`."""
    target, chance = TARGETS[name], random.Random(8)
    check, seeds = target.made(), list(target.seeds())[:4]
    assert seeds
    for seed in seeds:
        check(seed)
        at = chance.randrange(len(seed))
        check(seed[:at])
        check(seed[at:] + seed[:at])
        spoiled = bytearray(seed)
        spoiled[at] = chance.randrange(256)
        check(bytes(spoiled))
    check(b"")
