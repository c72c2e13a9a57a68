"""One target in a process of its own: `python -m tests.fuzz.inside NAME FOLDER [options of libFuzzer]`. Run by `__main__`."""

import sys
from pathlib import Path

import atheris

from tests.fuzz.targets import TARGETS

OURS = ["tanxun", "certifications", "policies"]


def main() -> None:
    target = TARGETS[sys.argv[1]]
    with atheris.instrument_imports(include=OURS):
        import django

        django.setup()
        check = target.made()
    # The first call pays for what is loaded once (vocabularies, patterns): no input shall be blamed for it.
    folder = Path(sys.argv[2])
    target.write_seeds(folder)
    options = sys.argv[2:]
    if target.words():
        target.write_words(words := folder.with_suffix(".words"))
        options.append(f"-dict={words}")
    for seed in target.seeds():
        check(seed)
    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
