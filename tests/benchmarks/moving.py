"""Kinds of rows that move many rows: CSV and XLSX out, a sheet in; and the reader. Declared in rows.py."""

import csv
import datetime as dt
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from . import dataset
from .bench import Bench, by_turns, seconds_of
from .results import CLIENT, OURS, PEER, Goal, Result
from .sites import Answer, Wrong, inside

COLUMNS = "company,type,products,body,region,dated_on,validity,certificate_number,emissions"
NUMBER = COLUMNS.split(",").index("certificate_number")
FIRST_BYTE, MEMORY, CLIENT_TURNS = "first byte (ms)", "memory (+MB)", 3
PEER_MEMORY, PEAK, FINDABLE = "textbook memory (+MB)", "peak (MB)", "search index after it (s)"
BESIDE = "peak of the process that unpacks (MB)"


def numbers_in(body: bytes) -> list[str]:
    """The certificate numbers of a CSV file, below its heads."""
    return sorted(row[NUMBER] for row in list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))[1:])


def compared(found: dict[str, list[str]], wanted: int) -> str:
    for who, numbers in found.items():
        if len(numbers) != wanted:
            return f"{who}: {len(numbers):,} rows instead of {wanted:,}"
    return "other rows than textbook" if PEER in found and found[OURS] != found[PEER] else ""


@dataclass(frozen=True)
class CsvFile:
    """The newest `wanted` statements as CSV, beside the database's own client, or (at most a tenth of all) beside the peer."""

    name: str
    wanted: int
    goals: tuple[Goal, ...] = ()
    has_peer: bool = False
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        wanted = min(self.wanted, bench.rows // 10) if self.has_peer else self.wanted
        narrowed, count = bench.newest(wanted)
        query, answers = f"columns={COLUMNS}&{narrowed}", {}
        more: dict[str, list[float]] = {FIRST_BYTE: [], MEMORY: []}
        ours, peer = bench.sites.ours, bench.sites.peer

        def ask_ours() -> float:
            before = ours.memory()
            answer = answers[OURS] = ours.visitor().get(f"/statements.csv?{query}")
            more[FIRST_BYTE].append(answer.first_byte * 1000)
            if (grown := ours.grown(before)) is not None:
                more[MEMORY].append(grown)
            return answer.seconds * 1000

        def ask_peer() -> float:
            before = peer.memory()
            answer = answers[PEER] = peer.visitor().get(f"/statements/?_export=csv&{narrowed}")
            if (grown := peer.grown(before)) is not None:
                more.setdefault(PEER_MEMORY, []).append(grown)
            return answer.seconds * 1000

        measures = {OURS: ask_ours} | ({PEER: ask_peer} if self.has_peer else {})
        with bench.scratch() as folder:
            if not self.has_peer and shutil.which("psql" if bench.engine.name == "postgresql" else "sqlite3"):
                measures[CLIENT] = self.client(bench, folder, query)
            figures = by_turns(min(bench.turns, CLIENT_TURNS), measures)
        found = {who: numbers_in(answer.body) for who, answer in answers.items()}
        note = f"{count:,} rows" + ("" if self.has_peer or CLIENT in figures else "; the database's own client is not installed")
        # What the first request made a process keep is no growth in the second.
        figures |= {name: [max(values)] if name in (MEMORY, PEER_MEMORY) else values for name, values in more.items() if values}
        return Result(self.name, "ms", figures, note, compared(found, count))

    def client(self, bench: Bench, folder: Path, query: str) -> Callable[[], float]:
        """A measure of the database's own client that writes the same rows, raw."""
        sql = json.loads(inside(bench.sites.database, "plain_sql", query))
        command = bench.engine.client(bench.sites.database, folder / "raw.sql", sql)

        def write() -> None:
            with (folder / "raw.csv").open("wb") as file:
                subprocess.run(command, stdout=file, check=True)

        return lambda: seconds_of(write) * 1000


@dataclass(frozen=True)
class Workbook:
    """The newest `wanted` statements as XLSX: rows a second; the peer writes at most 10,000, and a tenth of all."""

    name: str
    wanted: int
    goals: tuple[Goal, ...] = ()
    has_peer: bool = False
    grows: bool = False
    most_turns = 2
    most_read_again = 100_000

    def measure(self, bench: Bench) -> Result:
        narrowed, count = bench.newest(self.wanted)
        figures: dict[str, list[float]] = {OURS: [], MEMORY: []}
        wrong, note = "", f"{count:,} rows"
        with bench.scratch() as folder:
            for _turn in range(min(bench.turns, self.most_turns)):
                found = json.loads(
                    inside(bench.sites.database, "workbook", f"columns={COLUMNS}&{narrowed}", folder / "list.xlsx")
                )
                figures[OURS].append(found["rows"] / found["seconds"])
                figures[MEMORY].append(found["grown_mb"])
            if count <= self.most_read_again and (rows := rows_in((folder / "list.xlsx").read_bytes())) != count:
                wrong = f"{rows:,} rows instead of {count:,}"
        if self.has_peer:
            narrowed, fewer = bench.newest(min(10_000, bench.rows // 10))
            answer: Answer = bench.sites.peer.visitor().get(f"/statements/?_export=xlsx&{narrowed}")
            figures[PEER] = [fewer / answer.seconds]
            note += f", textbook {fewer:,} once"
            if rows_in(answer.body) != fewer:
                wrong = wrong or "textbook wrote another number of rows"
        return Result(self.name, "rows/s", figures, note, wrong)


def rows_in(body: bytes) -> int:
    """Rows below the heads on the first sheet of a workbook."""
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).height - 1


def statements_of(folder: Path, count: int) -> Iterator[dict[str, str]]:
    """So many statements of the data set as rows of a sheet, the second half under new numbers."""
    companies = {row["id"]: row for row in dataset.rows_of(folder, "companies")}
    bodies = {row["id"]: f"{row['short_name']}·{row['code']}" for row in dataset.rows_of(folder, "bodies")}
    kinds = {row["id"]: f"set-{row['code'].lower()}" for row in dataset.rows_of(folder, "types")}
    for place, row in enumerate(islice(dataset.rows_of(folder, "statements"), count)):
        company, number, product = companies[row["company_id"]], row["certificate_no"], row["product_name"]
        yield {
            "企业名称": company["legal_name"],
            "统一社会信用代码": company["credit_code"],
            "声明类型": kinds[row["type_id"]],
            "核查机构": bodies[row["body_id"]],
            "声明编号": number if place < count // 2 else number.replace("-", "-N", 1),
            "产品名称": product,
            "签发日期": row["issued_on"],
            "有效期至": row["valid_until"],
            "核算年度": row["reporting_year"],
            "排放量": "" if product else row["emissions"],
            "碳足迹": row["emissions"] if product else "",
            "来源": row["source_url"],
            "摘要": row["summary"],
        }


def write_sheet(folder: Path, path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        first, *others = statements_of(folder, count)
        out = csv.DictWriter(file, first)
        out.writeheader()
        out.writerows([first, *others])


@dataclass(frozen=True)
class SheetImport:
    """A sheet of `wanted` statements (at most half of all), half of them new: rows a second; the peer takes 2,000 of them."""

    name: str
    wanted: int
    goals: tuple[Goal, ...] = ()
    grows: bool = False
    most_of_peer = 2_000

    def measure(self, bench: Bench) -> Result:
        count = min(self.wanted, bench.rows // 2)
        fewer = min(self.most_of_peer, count // 2)
        with bench.scratch() as folder:
            sheet = folder / "sheet.csv"
            write_sheet(bench.folder, sheet, count)
            with bench.fresh_copy() as database:
                ours = json.loads(inside(database, "sheet", sheet))
                made = int(inside(database, "count")) - bench.rows
            with bench.fresh_copy() as database:
                peer = json.loads(inside(database, sheet, fewer, module="tests.benchmarks.textbook.importing"))
                made_by_peer = int(inside(database, "count")) - bench.rows
            said = sheet.with_suffix(".said").read_text(encoding="utf-8")
        if made_by_peer != fewer // 2:
            raise Wrong(f"textbook made {made_by_peer:,} statements instead of {fewer // 2:,}")
        figures = {OURS: [count / ours["seconds"]], PEER: [peer["done"] / peer["seconds"]]}
        figures |= {PEAK: [ours["peak_mb"]], FINDABLE: [ours["index_seconds"]]}
        new = count - count // 2
        wrong = "" if made == new else f"{made:,} new statements instead of {new:,}: {said[:300]}"
        note = f"{count:,} rows, with history; textbook {fewer:,} without it"
        return Result(self.name, "rows/s", figures, note, wrong)


@dataclass(frozen=True)
class SheetReading:
    """The read stage of a workbook of `wanted` statements in `columns` columns, as the worker has it: start-up apart."""

    name: str
    wanted: int
    columns: int = 10
    goals: tuple[Goal, ...] = ()
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        with bench.scratch() as folder:
            write_workbook(folder / "sheet.xlsx", self.wanted, self.columns)
            found = json.loads(inside(bench.sites.database, "read_stage", folder / "sheet.xlsx"))
        rows, columns = self.wanted + 1, self.columns
        is_whole = (found["rows"], found["columns"]) == (rows, columns)
        wrong = "" if is_whole else f"{found['rows']:,} × {found['columns']} instead of {rows:,} × {columns}"
        figures = {OURS: [found["seconds"] * 1000], PEAK: [found["peak_mb"]], BESIDE: [found["beside_mb"]]}
        return Result(self.name, "ms", figures, f"{self.wanted:,} rows of {columns} cells", wrong)


def write_workbook(path: Path, rows: int, columns: int) -> None:
    """Texts, days and numbers of the lengths that such sheets have; no two rows alike."""
    from rustpy_xlsxwriter import write_worksheet

    def cell(row: int, column: int) -> str | float | dt.date:
        kinds = (f"昆山第{row}样例电子科技有限公司", dt.date(2024, 1, 1) + dt.timedelta(days=row % 700), row * 1.25)
        return kinds[column % len(kinds)]

    write_worksheet([{f"列{column}": cell(row, column) for column in range(columns)} for row in range(rows)], str(path))


@dataclass(frozen=True)
class Reading:
    """A sample newsletter through the reader, start-up apart."""

    name: str
    sample: str
    items: int
    goals: tuple[Goal, ...] = ()
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        path = Path(__file__).parents[1] / "samples" / self.sample
        day = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["reference_date"]
        found = json.loads(inside(bench.sites.database, "reader", path, day))
        wrong = "" if found["items"] == self.items else f"{found['items']} items instead of {self.items}"
        return Result(self.name, "ms", {OURS: [one * 1000 for one in found["seconds"]]}, "", wrong)
