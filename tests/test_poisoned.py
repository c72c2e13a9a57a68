"""What test_markup_in_browser.py shows to Chromium: markup in every text of the site, but for what is named with its reason."""

import pytest

from tests.browser.poison import LEFT, NUMBER, OF_ADDRESSES, is_text, label_of, marked, ours

pytestmark = pytest.mark.any_engine


def test_every_text_of_the_site_is_poisoned_or_says_why_not():
    """SEC-20, SEC-21: what Chromium is shown, test_markup_in_browser.py; a new field is poisoned without a word anywhere."""
    fields = [field for model in ours() for field in model._meta.concrete_fields if is_text(field)]
    poisoned = {label_of(field): marked(field) for field in fields if marked(field)}
    assert len(poisoned) > 60
    assert {*LEFT, *OF_ADDRESSES} <= {label_of(field) for field in fields}
    for field in (field for field in fields if marked(field)):
        assert len(marked(field)) + NUMBER <= (field.max_length or 10**6), f"{field} holds no mark: LEFT must say why"
    named = ("site.User.username", "certifications.VerificationStatement.batch", "policies.Target.unit")
    assert {*named, "certifications.Standard.code", "certifications.Standard.edition"} <= set(poisoned)
