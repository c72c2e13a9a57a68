"""What `start` puts into an empty database: one account for each role and the two sample issues; nothing of it in production."""

import datetime as dt
import secrets
from pathlib import Path

from tanxun.digest.models import Newsletter

from .models import Role, User

SAMPLE_FOLDER = Path(__file__).parent / "sample_issues"
SAMPLE_ACCOUNTS = tuple(f"sample-{role}" for role in Role.values)


def make_administrator() -> tuple[str, str] | None:
    """(name, password) of the first administrator, or None where a superuser exists."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    taken = set(User.objects.filter(username__startswith="admin").values_list("username", flat=True))
    name = next(name for name in ("admin", *(f"admin-{number}" for number in range(2, 1000))) if name not in taken)
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(name, password=password, role=Role.MANAGER)
    return name, password


def is_empty() -> bool:
    """Whether nobody has used this site yet: no account and no newsletter."""
    return not User.objects.exists() and not Newsletter.objects.exists()


def make_sample_accounts() -> list[tuple[str, str]]:
    """One account for each role with a generated password: [(name, password)]."""
    made = []
    for name, role in zip(SAMPLE_ACCOUNTS, Role.values, strict=True):
        password = secrets.token_urlsafe(9)
        User.objects.create_user(name, password=password, role=role, display_name=name)
        made.append((name, password))
    return made


def sample_issues() -> list[tuple[str, bytes, dt.date]]:
    """(file name, content, reference date) of the shipped samples; the date stands at the start of the file's name."""
    return [(path.name, path.read_bytes(), dt.date.fromisoformat(path.name[:10])) for path in sorted(SAMPLE_FOLDER.glob("*.txt"))]
