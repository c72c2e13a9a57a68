"""How tests read a page: signed in, in English (the language of the message ids), whatever the catalogue says."""

import re

from django.http import QueryDict

from tanxun.listing.page import find
from tests import factory


def read(client, url, user=None, status=200):
    """The text of the page at `url` as `user` (a reader unless given) sees it; the status must be `status`."""
    client.force_login(user or factory.user())
    client.cookies["django_language"] = "en"
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


def words(text):
    """`text` with every run of white space as one blank: markup may wrap lines where it likes."""
    return " ".join(text.split())


def listed(address):
    """How many rows the list at `address` (/statements/?validity=expired) holds."""
    slug, _slash, query = address.strip("/").partition("/")
    return find(slug).rows(QueryDict(query.removeprefix("?"))).one_page().count


def select(node, selector):
    """The elements below `node` for a selector of tags, .class, #id, [attribute] and [attribute=value]."""
    xpath = "."
    for part in selector.split():
        tag, marks = re.match(r"(\w*)(.*)", part).groups()
        xpath += f"//{tag or '*'}"
        for kind, name, value in re.findall(r"([.#[])([\w-]+)(?:=([\w-]+))?", marks):
            test = {".": f"contains(concat(' ', @class, ' '), ' {name} ')", "#": f"@id='{name}'", "[": f"@{name}"}[kind]
            xpath += f"[{test}='{value}']" if value else f"[{test}]"
    return node.xpath(xpath)
