"""Static files are made once, and anew where one of them is another: by its contents, whatever day it bears."""

import os
from datetime import UTC, datetime

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

AGES_AGO = datetime(2001, 1, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def source(settings, tmp_path):
    """A folder of static files that are collected as in production."""
    folder = tmp_path / "source"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    (folder / "site.css").write_text("a { color: red }" * 20)
    return folder


def collected(settings, *options):
    """What stands there afterwards, with the moment at which each file was written."""
    call_command("collectstatic", *options, interactive=False, verbosity=0)
    return {path.name: path.stat().st_mtime_ns for path in settings.STATIC_ROOT.iterdir() if path.suffix != ".sha256"}


def test_they_are_compressed_once(source, settings):
    made = collected(settings)
    assert {"staticfiles.json"} < set(made)
    assert len([name for name in made if name.endswith(".css")]) == len([name for name in made if name.endswith(".css.gz")]) == 1
    assert collected(settings) == made
    assert collected(settings, "--clear") != made


def test_an_older_file_with_other_contents_takes_the_place(source, settings):
    """What comes out of an archive bears the day of the archive."""
    collected(settings)
    (source / "site.css").write_text("a { color: blue }" * 20)
    os.utime(source / "site.css", (AGES_AGO, AGES_AGO))
    collected(settings)
    staticfiles_storage.hashed_files = staticfiles_storage.load_manifest()[0]
    served = settings.STATIC_ROOT / staticfiles_storage.stored_name("site.css")
    assert "blue" in served.read_text()


@pytest.mark.parametrize("what", ["a file more", "a file less", "another manifest", "no manifest", "one that is lost"])
def test_they_are_made_again_where_anything_is_otherwise(source, settings, what):
    made = collected(settings)
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    match what:
        case "a file more":
            (source / "more.css").write_text("b { color: red }" * 20)
        case "a file less":
            (source / "site.css").unlink()
        case "another manifest":  # of a release that was tried, and taken back
            manifest.write_text(manifest.read_text().replace("site.", "other."))
        case "no manifest":
            manifest.unlink()
        case "one that is lost":
            next(settings.STATIC_ROOT.glob("*.css")).unlink()
    again = collected(settings)
    assert again["staticfiles.json"] != made["staticfiles.json"]
    assert again == collected(settings)
