"""From a cleaned text to its parts: title, publication line, contents list, section titles, items.

First step of `read`. In this grammar, lines of `layout` make up an issue (residue may stand anywhere):

    issue    = [masthead] [title] [发布时间] [contents] body
    contents = [目录] entry entry …
    body     = { section title (`titles`) | item }
    item     = heading (`headings`) { paragraph | point | sub-head } | paragraph (`counted`)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tanxun.digest.reader import asides, factlines, labels, tables
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.counted import counted
from tanxun.digest.reader.headings import Habits, Here, heads, is_news, is_text
from tanxun.digest.reader.labelled import Label, label
from tanxun.digest.reader.layout import Line, lines
from tanxun.digest.reader.reading import Section
from tanxun.digest.reader.tables import Table
from tanxun.digest.reader.titles import is_title, may_be_title, names_issue, sounds_as_title, title_words
from tanxun.digest.reader.vocabulary import key

_PAGE = re.compile(r"[ .·…-]+\d{1,3}[ ]?[页条则篇]?$")
_LONGEST_PAGE = 60
_MARKET = re.compile(r"市场|碳价|行情|交易|成交|绿证|配额|CCER|CEA|指数")  # 全国碳市场周报 heads an item as well as an issue
_AFTER_COUNT = 3  # the last of the issue's own lines: the last item, and what it says of itself
_TOP = 2  # the publication line stands below the title, and that below the masthead


@dataclass
class Segment:
    """A heading with the lines below it. `area` is the section title's word, None where no title tells; `doubt` says
    what the heading rests on where the issue itself does not say that it is one."""

    heading: Passage
    lines: list[Line] = field(default_factory=list)
    section_title: Passage | None = None
    area: Section | None = None
    is_headless: bool = False
    is_aside: bool = False
    doubt: str = ""
    labels: list[Label] = field(default_factory=list)
    facts: list[Passage] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def body(self) -> Passage:
        if not self.lines:
            return self.heading.part(self.heading.end, self.heading.end)
        return self.heading.part(self.lines[0].bare.start, self.lines[-1].words.end)


@dataclass
class Outline:
    """The parts of one issue in their order."""

    title: Passage | None = None
    published: Passage | None = None
    toc: list[Passage] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    headed: frozenset[int] = frozenset()
    counted: frozenset[int] = frozenset()
    tables: dict[int, Table] = field(default_factory=dict)


def outline(text: Passage) -> Outline:
    """Put the lines of the text together. Never fails: a text without headings gives one segment per paragraph group."""
    text, told = _without_labels(text)
    found = Outline(headed=frozenset(one.value.start for one in told if one.name == labels.HEADLINE))
    rows = _with_titles(lines(text))
    if residue := _residue(rows, found.headed):
        text = text.without(residue)
        rows = _with_titles(lines(text))
    if grids := tables.found(rows):
        found.tables = {grid.header.words.start: grid for grid in grids}
        rows = _with_titles(_beside_tables(text, grids))
    rows = _head(rows, found)
    rows = _contents(rows, found)
    found.counted = counted(rows)
    _body(rows, found)
    _deal_out(told, found)
    return found


def _beside_tables(text: Passage, grids: Sequence[Table]) -> list[Line]:
    """All lines in order, where no sentence runs through a table."""
    cells = [replace(row, is_cells=True) for grid in grids for row in (grid.header, *grid.rows)]
    rest = lines(text.without(row.words for row in cells))
    return sorted([*rest, *cells], key=lambda row: row.words.start)


def _without_labels(text: Passage) -> tuple[Passage, list[Label]]:
    """The text without labelled lines, and those lines. Of 【标题】 only the mark goes: its words are a heading as they stand."""
    if "【" not in text.text:
        return text, []
    told = [one for row in lines(text) if (one := label(row.words))]
    gone = []
    for one in told:
        start = one.value.text.rfind("【", 0, one.value.start)
        gone.append(text.part(start, one.value.start if one.name == labels.HEADLINE else one.value.end))
    return text.without(gone), told


def _deal_out(told: Sequence[Label], found: Outline) -> None:
    """Give each labelled line to the item that it stands in."""
    starts = [segment.heading.start for segment in found.segments]
    for one in told:
        at = bisect_right(starts, one.value.start) - 1
        if at >= 0 and one.name != labels.HEADLINE:
            found.segments[at].labels.append(one)


def _with_titles(rows: Sequence[Line]) -> list[Line]:
    """The lines, with those marked as section titles that look as the issue's other section titles do and have no
    text of their own below: 地方行动 between 国家政策 and 企业资讯."""
    marks = {row.mark for row in rows if row.section}
    return [
        replace(row, stands_as_title=True)
        if row.mark in marks and may_be_title(row.title_words, bool(row.mark)) and after is not None and not is_text(after)
        else row
        for row, after in pairwise([*rows, None])
        if row is not None
    ]


def _residue(rows: Sequence[Line], headed: frozenset[int]) -> list[Passage]:
    """What the platform put in, and everything from 往期推荐 to the next section title or heading that is marked as one."""
    found, in_tail = [], False
    for at, row in enumerate(rows):
        if row.words.start in headed:
            in_tail = False
            continue
        in_tail = row.starts_tail or (in_tail and not row.section)
        if in_tail or (row.is_residue and not row.is_aside and not (at <= _TOP and row.is_bare_date)):
            found.append(row.words)
    return found


def _head(rows: list[Line], found: Outline) -> list[Line]:
    """Take the publication line, the masthead and the title off the top."""
    top = next((at for at, row in enumerate(rows) if (row.section and row.section[0]) or row.is_contents_heading), len(rows))
    for at, row in enumerate(rows[: min(top, 6)]):
        is_dated = at <= _TOP and row.is_bare_date and _is_dated(rows, at)
        published = row.words if is_dated else None if _is_of_item(rows, at) else row.published
        if published is not None:
            found.published = published.strip()
            title = next((early for early in rows[:at] if not early.is_masthead), None)
            found.title = title.words if title else None
            return rows[at + 1 :]
    rows = rows[1:] if rows and rows[0].is_masthead else rows
    if rows and _is_title(rows):
        found.title = rows[0].words
        return rows[1:]
    return rows


def _is_of_item(rows: Sequence[Line], at: int) -> bool:
    """Whether the publication line there is an item's: it says more than the day, or what stands above it is a heading, by
    its mark, its section title, or its subject and the paragraph below."""
    if len(factlines.names(rows[at].words)) > 1:
        return True
    if at == 0 or names_issue(rows[at - 1].words.words):
        return False
    above = rows[at - 1]
    has_text = at + 1 < len(rows) and is_text(rows[at + 1]) and not rows[at + 1].is_contents_heading
    return bool(above.mark) or (at > 1 and above.subject is not None and has_text) or any(row.section for row in rows[: at - 1])


def _is_dated(rows: Sequence[Line], at: int) -> bool:
    """Whether the bare date there stands at the top of the issue or below its title rather than in its first item."""
    if at == 0 or rows[at - 1].is_masthead or names_issue(rows[at - 1].words.words):
        return True
    after = rows[at + 1] if at + 1 < len(rows) else None
    opens = after is not None and (not is_text(after) or after.words.start in counted(rows[at + 1 :]))
    return opens and rows[at - 1].subject is None and not rows[at - 1].ends_sentence


def _is_title(rows: Sequence[Line]) -> bool:
    first = rows[0]
    if first.section or first.is_contents_heading or first.bullet or first.is_numbered or first.opens or first.ends_sentence:
        return first.words.words.startswith("碳讯")
    if first.words.words.startswith("碳讯"):
        return True
    after = rows[1] if len(rows) > 1 else None
    is_item = first.subject is not None or is_news(first) or first.words.search(_MARKET) is not None
    if after is not None and names_issue(first.words.words) and not (is_item and is_news(after)):
        return True
    if after is not None and after.words.start in counted(rows[1:]):
        return True
    if after is None or (first.subject and not (after.section or after.is_contents_heading)):
        return False
    return bool(after.section or after.is_contents_heading or (after.may_head and (after.subject or after.is_numbered)))


def _contents(rows: list[Line], found: Outline) -> list[Line]:
    """Take the contents list off; it ends where the first heading with a text below it begins."""
    start = next((at for at, row in enumerate(rows[:12]) if row.is_contents_heading and not _heads_a_list(rows, at)), None)
    titled = start is not None
    first = start + 1 if start is not None else 0
    if titled and max(counted(rows[first:]), default=-1) >= rows[-_AFTER_COUNT:][0].words.start:
        return rows[first:]  # nothing stands below: the list is the issue
    end = _contents_end(rows, first, found.headed)
    entries = [row for row in rows[first:end] if not row.section and not row.is_contents_heading]
    if not titled and not _is_untitled_contents(entries, rows[end:]):
        return rows
    if all(sounds_as_title(title_words(_unpaged(row).words)) for row in entries):
        return _titled_by([key(str(_unpaged(row))) for row in entries], rows[end:])
    is_paged = all(_unpaged(row).end < row.bare.end for row in entries)
    titles = {key(row.title_words) for row in rows[end:] if row.section}
    listed = (row for row in entries if (row.may_head or row.is_numbered) and not _sums_up(row, titles))
    found.toc = [_unpaged(row) if is_paged else row.bare for row in listed]
    return rows[end:]


def _heads_a_list(rows: Sequence[Line], at: int) -> bool:
    """Whether such a line (本周获证企业一览) is the heading of an item in a section, or of a table."""
    is_in_section = rows[at].words.words.endswith("一览") and any(row.section for row in rows[:at])
    return is_in_section or any(row.is_cells for row in rows[at + 1 : at + 2])


def _titled_by(titles: Sequence[str], rows: Sequence[Line]) -> list[Line]:
    """The lines below a contents list that gives the sections alone, with those marked that are their titles."""
    return [replace(row, stands_as_title=True) if key(str(row.bare)) in titles else row for row in rows]


def _unpaged(row: Line) -> Passage:
    """An entry of the contents without its page, or how many items stand there: 政策法规 ...... 3, 企业 6条."""
    page = row.bare.part(max(row.bare.start, row.bare.end - _LONGEST_PAGE), row.bare.end).search(_PAGE)
    return row.bare.part(row.bare.start, page.start()) if page else row.bare


def _sums_up(row: Line, titles: Collection[str]) -> bool:
    """A line of the contents that tells of a whole section: 企业篇：钢铁EPD、白酒碳标签."""
    return row.subject is not None and (is_title(row.subject.words) or key(row.subject.words) in titles)


def _contents_end(rows: Sequence[Line], first: int, headed: frozenset[int]) -> int:
    """Where the body begins: at a title or a paged entry that comes again, else at the first heading with a text below."""
    seen: set[str] = set()
    titles: set[str] = set()
    for at in range(first, len(rows)):
        row = rows[at]
        same = key(str(row.bare))
        if row.words.start in headed or same in titles:
            break
        if row.section:
            titles.add(same)
            continue
        if (unpaged := key(str(_unpaged(row)))) != same:
            titles.add(unpaged)
        opens_body = same in seen and (at + 1 == len(rows) or is_text(rows[at + 1]) or bool(rows[at + 1].bullet))
        if opens_body or not (row.may_head or (row.is_numbered and row.length <= 80)):
            break
        seen.add(same)
    else:
        at = len(rows)
    repeated = at < len(rows) and (key(str(rows[at].bare)) in seen | titles or rows[at].words.start in headed)
    if at < len(rows) and not repeated and at > first and not rows[at].bullet and not rows[at - 1].section:
        at -= 1
    while at > first and rows[at - 1].section:
        at -= 1
    return at


def _is_untitled_contents(entries: Sequence[Line], rest: Sequence[Line]) -> bool:
    """Entries before the body without a 目录 above them: they come again below."""
    if len(entries) < 2:
        return False
    below = {key(str(row.bare)) for row in rest if row.may_head}
    subjects = {key(str(row.subject)) for row in rest if row.may_head and row.subject}
    again = sum(key(str(row.bare)) in below or bool(row.subject and key(str(row.subject)) in subjects) for row in entries)
    return again * 2 >= len(entries)


def _body(rows: Sequence[Line], found: Outline) -> None:
    """Cut the rest at section titles, headings and what is no news."""
    if found.headed:
        _marked_body(rows, found)
        return
    habits, marks = Habits.of(rows, found.toc), {row.mark for row in rows if row.section and row.mark}
    title: Passage | None = None
    area: Section | None = None
    current: Segment | None = None
    last: Line | None = None
    aside: Segment | None = None  # the title of a whole section that is no news
    for at, row in enumerate(rows):
        if row.section:
            title, area, current, last, aside = row.words, row.section[0], None, None, None
            continue
        above = current.lines if current else None
        after = rows[at + 1] if at + 1 < len(rows) else None
        explains = asides.asks(row) and current is not None and _is_policy(current)
        here = Here(row, rows[at - 1] if at else None, after, above, _counts_on(row, last), explains)
        if row.is_cells:
            if current is None and title is not None:
                current = Segment(title, [], title, area, doubt="没有小标题，取栏目标题")
                found.segments.append(current)
            if current is not None and row.words.start in found.tables:
                current.tables.append(found.tables[row.words.start])
            continue
        opened = _opened(here, habits, found.counted)
        has_text = after is not None and is_text(after)
        if opened and not (opened.is_aside and current and current.is_aside and not has_text and row.mark not in marks):
            if aside is not None and aside is current and not aside.lines:
                found.segments.pop()
            last, current = row, replace(opened, section_title=title, area=area, is_aside=opened.is_aside or aside is not None)
            aside = current if opened.is_aside and row.mark in marks else aside
            found.segments.append(current)
        elif current is not None and row.is_facts and not (current.is_headless or current.lines):
            current.facts.append(row.bare)
        elif current is not None:
            current.lines.append(row)
        elif title is not None or not found.segments:
            current = _headless([row], title, area)
            found.segments.append(current)
    found.segments = [part for segment in found.segments for part in (_paragraphs(segment) if segment.is_headless else [segment])]


def _is_policy(item: Segment) -> bool:
    return not item.is_aside and any(map(asides.is_of_authority, (item.heading, *(row.bare for row in item.lines[:1]))))


def _opened(here: Here, habits: Habits, counted_rows: frozenset[int]) -> Segment | None:
    """The item that the line opens, if it opens one."""
    row = here.row
    belongs = here.above is not None and (asides.is_label(row) or here.explains)
    is_news = row.is_aside and not belongs and asides.tells_news(row, here.after)
    is_aside = row.is_aside and not belongs and not is_news
    if row.words.start in counted_rows or ((is_aside or is_news) and is_text(row)):
        return replace(_headless([row], None, None), is_headless=False, is_aside=is_aside)
    if is_aside or is_news:
        return Segment(row.bare, is_aside=is_aside)
    doubt = heads(here, habits)
    return None if doubt is None else Segment(row.bare, doubt=doubt)


def _marked_body(rows: Sequence[Line], found: Outline) -> None:
    """Cut an issue that marks its headings: it has no others."""
    title: Passage | None = None
    area: Section | None = None
    current: Segment | None = None
    for row in rows:
        if row.words.start in found.headed:
            current = Segment(row.words, [], title, area)
            found.segments.append(current)
        elif row.section:
            title, area, current = row.words, row.section[0], None
        elif current is not None:
            current.lines.append(row)


def _headless(rows: list[Line], title: Passage | None, area: Section | None) -> Segment:
    return Segment(_first_words(rows[0]), rows, title, area, is_headless=True, doubt="没有小标题，取首句")


def _without_masthead(rows: list[Line]) -> list[Line]:
    """From the first paragraph of the issue on, or from the short line right above it, which may be its heading."""
    first = next((at for at, row in enumerate(rows) if is_text(row)), 0)
    is_headed = first > 0 and not rows[first].after_blank and not names_issue(rows[first - 1].words.words)
    return rows[first - is_headed :]


def _paragraphs(segment: Segment) -> list[Segment]:
    """What stands below no heading: one segment from every empty line on (bullets and provisions go on in theirs);
    without empty lines from every line that opens as news does."""
    first, *rest = segment.lines if segment.section_title else _without_masthead(segment.lines)
    has_gaps, groups = any(row.after_blank for row in rest), [[first]]
    for row in rest:
        above = groups[-1][-1]
        has_ended = is_text(above) and not above.introduces
        if has_ended and row.mark == first.mark and is_news(row) and (row.after_blank or not has_gaps):
            groups.append([row])
        else:
            groups[-1].append(row)
    parts = [_headless(group, segment.section_title, segment.area) for group in groups]
    for table in segment.tables:
        before = [part for part in parts if part.heading.start < table.header.words.start]
        (before or parts)[-1].tables.append(table)
    return parts


def _counts_on(row: Line, last: Line | None) -> bool:
    """Whether the number of the line is the next behind that of the last heading, or the first one of a section."""
    if row.number is None or last is None:
        return row.number == 1
    return last.number is not None and row.mark == last.mark and row.number == last.number + 1


def _first_words(row: Line) -> Passage:
    """The first clause of a paragraph stands for the heading that it lacks."""
    stop = re.compile(r"[。;!?\n]")
    end = row.bare.search(stop)
    return row.bare.part(row.bare.start, min(end.start() if end else row.bare.end, row.bare.start + 60))
