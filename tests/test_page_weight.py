"""What a list page weighs on the wire (LOAD-11): below 300 KB for every list, with the longest texts and all columns."""

import gzip
import random

import pytest

from tanxun.listing.page import find, page_slugs
from tanxun.site import reference
from tests import factory as f

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]

MOST = 300_000
QUERIES = [f"per_page={size}{columns}" for size in (25, 100) for columns in ("", "&columns=all")]
ADDRESSES = [f"/{slug}/{part}?{query}" for slug in page_slugs() for part in ("", "overview/") for query in QUERIES]


def words(draw, count):
    """Text that says nothing twice, so that compressing finds little in it."""
    return "".join(chr(draw.randint(0x4E00, 0x9FA5)) for _sign in range(count))


@pytest.fixture
def manager(client):
    """Sees all that a page can hold: boxes to tick, files, notes; a hundred rows and more in every list."""
    reference.load()
    draw = random.Random(11)
    place, trade, topic, standard = f.region(), f.industry(), f.topic(), f.standard()
    for number in range(110):
        company = f.company(f"{words(draw, 30)}有限公司", region=place, industry=trade, credit_code=f"91320583MA{number:08}")
        f.statement(
            company=company,
            products=[f.product(company, words(draw, 20)) for _product in range(3)],
            standards=[standard],
            verification_body=f.body(f"body-{number}", words(draw, 12)),
            certificate_number=f"{draw.getrandbits(80):020x}",
            summary=words(draw, 300),
            source_url=f"https://example.cn/{draw.getrandbits(200):x}",
        )
        policy = f.policy(words(draw, 60), region=place, topics=[topic], issuers=[f.issuing_body(words(draw, 15))])
        f.target(policy, indicator=words(draw, 60), value=draw.randint(1, 10**9), unit=words(draw, 20), sentence=words(draw, 200))
        f.digest(f"{2024 + number // 52}-W{number % 52 + 1:02}", title=words(draw, 60), lead=words(draw, 300))
        f.incentive(policy, who_qualifies=words(draw, 100), evidence_needed=words(draw, 100), sentence=words(draw, 200))
    client.force_login(f.user("manager"))
    return client


def test_every_list_page_is_sent_in_less_than_300_kilobytes(manager):
    sent = {}
    for address in ADDRESSES:
        answer = manager.get(address, headers={"Accept-Encoding": "gzip"})
        page = gzip.decompress(answer.content).decode()
        wanted = 100 if "per_page=100" in address else 25
        assert page.count('<tr role="row" data-id=') == wanted, address
        sent[address] = len(answer.content)
    assert {address: size for address, size in sent.items() if size >= MOST} == {}


def test_who_takes_no_compression_gets_the_same_page_and_a_first_page_below_300_kilobytes(manager):
    for slug in page_slugs():
        plain = manager.get(f"/{slug}/")
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert len(plain.content) < MOST, slug
        packed = manager.get(f"/{slug}/", headers={"Accept-Encoding": "gzip"})
        assert rows_of(gzip.decompress(packed.content)) == rows_of(plain.content)


def rows_of(page):
    return page.partition(b"<tbody")[2].partition(b"</tbody>")[0]


def test_files_are_sent_as_they_are_written(manager):
    """A CSV of any length begins at once; a workbook is compressed by itself."""
    for ending in ("csv", "xlsx"):
        answer = manager.get(f"/{find('statements').slug}.{ending}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        assert answer.streaming is (ending == "csv")
