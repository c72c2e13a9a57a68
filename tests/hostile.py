"""Texts that nobody types, and forms as a browser would send them: read off the page, whatever fields it has."""

from urllib.parse import urlencode

import lxml.html

SCRIPT = "<script>alert(1)</script>"
TEXTS = {
    "NUL": "a\0b",
    "half a surrogate": "a\ud800b",
    "1 MB": "x" * 1_000_000,
    "right to left": "\u202e\u2067abc\u200f" + SCRIPT,
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿" + SCRIPT,
    "controls": "a\x01\x0b\x1b\x85\ufeff\ufffe\u2028b",
}
JSONS = {
    "escaped NUL": '{"a": "\\u0000"}',
    "escaped half": '["\\ud800"]',
    "NaN": '{"a": NaN, "b": [Infinity, -Infinity, 1e999]}',
    "deep": "[" * 100_000,
}
STORABLE = ("right to left", "emoji", "controls")
TYPED = {"text", "search", "url", "email", "textarea", "hidden", "number", "password", None}
KEPT = {"csrfmiddlewaretoken"}


def encoded(pairs):
    """A body in which half a surrogate stands as its bytes, as a hostile client would send it."""
    return urlencode(pairs, encoding="utf-8", errors="surrogatepass")


def send(client, path, body, kind="application/x-www-form-urlencoded"):
    return client.generic("POST", path, body if isinstance(body, str) else encoded(body), content_type=kind)


def forms_of(answer):
    """(address or "", [(name, value)], the names of what one types) of each form of a page that is sent by POST."""
    page = lxml.html.fromstring(answer.content.decode())
    for form in page.forms:
        if (form.method or "").upper() != "POST":
            continue
        values = [(name, value) for name, value in form.form_values() if name not in KEPT]
        for button in form.xpath(".//button[@name] | .//input[@type='submit'][@name]"):
            if button.get("name") != "delete":
                values.append((button.get("name"), button.get("value") or ""))
                break
        names = {each.name for each in form.inputs if each.name and kind_of(each) in TYPED}
        yield form.action or "", values, sorted(names - KEPT)


def kind_of(field):
    if field.tag == "textarea":
        return "textarea"
    return field.get("type") if field.tag == "input" else "select"
