"""A password may not be made of the words of the house alone: whoever wants in tries these first. Named in the settings."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tanxun.search.fold import fold

# What this site, its roles and its records are called.
WORDS = (
    *(
        "tanxun",
        "碳讯",
        "tan",
        "xun",
        "carbon",
        "ditan",
        "双碳",
        "低碳",
        "碳",
        "admin",
        "manager",
        "editor",
        "consultant",
        "reader",
    ),
    *("statement", "policy", "weekly", "newsletter", "digest", "company", "周报", "简报", "管理员", "password", "密码", "sample"),
)


class NotOurWordsValidator:
    """Refuses tanxun2026!, Carbon-Admin-1 and the like; such a word beside others is fine."""

    def validate(self, password: str, user: Any = None) -> None:
        here = re.findall(r"[a-z]{3,}", settings.SITE_HOST.lower())
        ours = "|".join(sorted(map(re.escape, {*WORDS, *here}), key=len, reverse=True))
        letters = re.sub(r"[\W\d_]", "", fold(password).lower())
        if letters and not re.sub(ours, "", letters):
            raise ValidationError(self.get_help_text(), code="password_of_our_words")

    def get_help_text(self) -> str:
        return _("The password is made of words of this site alone: add others.")
