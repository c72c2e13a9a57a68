"""The rows of the benchmark: what is measured, on which question, with what goal. A new row is a line here."""

from typing import Protocol
from urllib.parse import urlencode

from .asking import Facets, Page, Queries, Resident, Throughput
from .bench import Bench
from .keeping import BackupAndRestore
from .matched import BARE, CompanyPage, Matched, PolicyPage
from .moving import BESIDE, FINDABLE, FIRST_BYTE, MEMORY, PEAK, CsvFile, Reading, SheetImport, SheetReading, Workbook
from .programs import Resource, ResourceThroughput
from .results import AtLeast, AtMost, Faster, Goal, OfClient, Result, Times, Within


class Row(Protocol):
    """What `name` says, measured. Where `grows`, its time may grow with the number of statements by GROWTH at most."""

    name: str
    goals: tuple[Goal, ...]
    grows: bool

    def measure(self, bench: Bench) -> Result: ...


GROWTH = 1.5
ASKED_POLICIES = ("national", "province", "city", "county", "national_trade", "province_trade")
FIRST, COMPANIES = "first page, 25 rows", "companies: first page"
FILTERED = "region=440000&type=set-pcf&validity=valid"
PAGES = ("", "per_page=100", FILTERED, "sort=company")
SORTS = ("company", "-company", "type", "-type", "dated_on")
ASKED = {
    "statements": (
        *("碳", "电子", "炘隆超净", "麒麟瑞兽", "江苏 电子 sgs", "dianzi", "xlcj", "sgs"),
        *("-电子", '"电子科技"', "碳足迹", "PCF-2506-0000001"),
    ),
    "companies": ("电", "电子", "炘隆超净", "麒麟瑞兽", "dianzi", "xlcj", "江苏 -电子"),
}
# One word of Chinese is what both understand the same way; what is rare or nowhere, the peer looks for in every row.
ALIKE = ("碳", "电子", "炘隆超净", "麒麟瑞兽", "碳足迹")
RARE = ("炘隆超净", "麒麟瑞兽")
FINDS = {"麒麟瑞兽": False, "PCF-2506-0000001": None}  # a number that the data set has at some sizes


def searches(slug: str, first: str) -> tuple[Page, ...]:
    """The questions to one list, beside its first page."""
    made = []
    for question in ASKED[slug]:
        has_peer = slug == "statements" and question in ALIKE
        goals = (Within(3, first), *((Faster(100),) if has_peer and question in RARE else ()))
        query = urlencode({"q": question})
        name = f"{'companies: ' if slug == 'companies' else ''}search {question}"
        made.append(Page(name, query, goals, slug, has_peer=has_peer, same="count", finds=FINDS.get(question, True)))
    return tuple(made)


def matched() -> tuple[Row, ...]:
    """What policies, companies and statements say of each other: within a few times the list's first page."""
    goals, made = (Times(5, BARE),), []
    for key in ASKED_POLICIES:
        whom = f"policy={{{key}}}"
        words = key.replace("_", ", ")
        made += [
            Matched(f"policies: companies, {words}", "companies", whom, f"{key}_companies", goals),
            Matched(f"policies: with evidence, {words}", "companies", f"{whom}&evidence=with", f"{key}_with", goals),
            Matched(f"policies: without, {words}", "companies", f"{whom}&evidence=without", f"{key}_without", goals),
            Matched(f"policies: statements, {words}", "statements", whom, f"{key}_statements", goals),
        ]
    return (
        *made,
        Matched("policies: all of them", "policies", "", "policies"),
        Matched("policies: of a company", "policies", "company={company}", "policies_of_company", goals),
        Matched("policies: all targets", "targets", "", "targets"),
        Matched("policies: targets of a topic", "targets", "topic={topic}", "targets_of_topic", goals),
        Matched("policies: all incentives", "incentives", "", "incentives"),
        Matched("policies: incentives of a topic", "incentives", "topic={topic}", "incentives_of_topic", goals),
        PolicyPage("policies: whom one touches", goals),
        CompanyPage("policies: on a company's page", goals),
    )


ROWS: tuple[Row, ...] = (
    Page(FIRST, "", (Faster(8),)),
    Page("first page, 100 rows", "per_page=100", (Faster(10),)),
    Page("province, type and validity", FILTERED, (Faster(20),)),
    Page("in the middle, by number", "page={middle}", grows=False),
    Page("in the middle, by cursor", "page={middle}", (Within(2, FIRST),), goes_on="next", peer_query="page={after}"),
    Page("last page, by cursor", "", (Within(2, FIRST),), goes_on="last", peer_query="page={last}", same="end"),
    *(Page(f"sorted by {key}", f"sort={key}", (Within(2, FIRST),), same="count") for key in SORTS),
    Page(COMPANIES, "", slug="companies", has_peer=False),
    *searches("statements", FIRST),
    *searches("companies", COMPANIES),
    Queries("queries of a list page", PAGES, goals=(AtMost(4),)),
    Facets("facets, after a write", is_cold=True, goals=(AtMost(600),)),
    Facets("facets, again", is_cold=False, goals=(AtMost(10),)),
    Throughput("8 clients, first page", ("",), goals=(Faster(10),)),
    Throughput("8 clients, four pages", PAGES),
    Resource("API, 25 rows"),
    Resource("API, 100 rows", "per_page=100"),
    ResourceThroughput("8 programs, first page of the API"),
    Resident("memory of the server process"),
    *matched(),
    CsvFile("CSV, 10,000 rows", 10_000, has_peer=True),
    CsvFile(
        "CSV, 90,000 rows",
        90_000,
        (OfClient(postgresql=1.5, sqlite=2.5), AtMost(500, FIRST_BYTE), AtMost(32, MEMORY)),
    ),
    CsvFile("CSV, all rows", 10**9, (OfClient(postgresql=2, sqlite=3), AtMost(500, FIRST_BYTE), AtMost(32, MEMORY))),
    Workbook("XLSX, 90,000 rows", 90_000, (AtLeast(15_000, 15_000), Faster(25), AtMost(32, MEMORY)), has_peer=True),
    Workbook("XLSX, all rows", 10**9, (AtLeast(15_000, 15_000), AtMost(32, MEMORY))),
    SheetImport(
        "import, half new, half known",
        100_000,
        (AtLeast(postgresql=3_000, sqlite=5_000), AtMost(300, PEAK), AtMost(60, FINDABLE)),
    ),
    SheetReading("read stage of a workbook", 20_000, goals=(AtMost(20_000), AtMost(150, PEAK), AtMost(150, BESIDE))),
    BackupAndRestore("backup, and restore into nothing", (AtMost(60),)),
    Reading("reading a newsletter of 14 items", "15.txt", 14, (AtMost(50),)),
)
