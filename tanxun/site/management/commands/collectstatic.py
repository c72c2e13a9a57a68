"""`manage.py collectstatic`: Django's own, but only where a file is another than last time, and only what our pages ask for.

Compressing takes longer than all other steps of a start together, and most starts bring no new file.
"""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic

UNASKED = ["redoc", "rest_framework", "oauth2-redirect*", "*-standalone-preset*", "htmax*", "htmx-4*"]
SUM_OF_LAST = "collected.sha256"  # among the files themselves, so that it goes when they go
MANIFEST = "staticfiles.json"


class Command(collectstatic.Command):
    def set_options(self, **options):
        super().set_options(**options)
        self.ignore_patterns += UNASKED

    def collect(self):
        kept = Path(settings.STATIC_ROOT) / SUM_OF_LAST
        usual = not (self.dry_run or self.clear or self.symlink) and self.post_process
        if usual and kept.is_file() and kept.read_text(encoding="ascii") == self.sum_of_all():
            return {"modified": [], "unmodified": [], "post_processed": []}
        collected = super().collect()
        if usual:
            kept.write_text(self.sum_of_all(), encoding="ascii")
        return collected

    def sum_of_all(self):
        """Over names and contents of the files to collect, over names of what was made of them, and over what makes it."""
        found = sha256(" ".join(map(version, ("Django", "whitenoise"))).encode())
        for finder in get_finders():
            for path, storage in finder.list(self.ignore_patterns):
                with storage.open(path) as file:
                    found.update(f"\0{getattr(storage, 'prefix', '')}\0{path}\0".encode() + file.read())
        root = Path(settings.STATIC_ROOT)
        made = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.name != SUM_OF_LAST)
        manifest = root / MANIFEST
        found.update("\0".join(made).encode() + (manifest.read_bytes() if manifest.is_file() else b""))
        return found.hexdigest()
