"""A whole client of the API, as the README shows it: `API=http://…/api/v1 TOKEN=… python tests/api_client.py`."""

import json
import os
import urllib.request


def rows(address, token):
    """Every row of a list, page after page."""
    while address:
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        yield from page["results"]
        address = page["next"]


if __name__ == "__main__":
    for row in rows(os.environ["API"] + "/statements/?validity=expiring&columns=company,due_on", os.environ["TOKEN"]):
        print(row["due_on"], row["company"], row["url"])
