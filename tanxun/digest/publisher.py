"""The accepted records of a week → one issue, and that as plain text. Called by `publish_digest` and the editor's page.

What is printed is read before it is printed: an entry whose sentences the reader would take otherwise gets labelled lines, so
that the published text, pasted back, gives the same records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from operator import itemgetter

from django.utils.translation import gettext as _

from tanxun.records.models import Section

from . import labelling, prose
from .facts import Told, of_week, words
from .issue import Choices, Entry, Issue, Week
from .reader import Item, Reading, Vocabulary, clean, labels, read
from .reader.cleaning import Passage
from .reader.layout import Line
from .reader.segments import Segment, outline
from .vocabulary import current, shipped

LEADS, LONGEST_LEAD, LONGEST_CONTENTS = 3, 24, 60
# In a week with more entries no sentence about a statement is read back: all of it stands on a labelled line.
TRIED = 400
MOST_TEXTS = 5000
TEXT_MARK = labels.line(labels.TEXT, "")


Looks = tuple[object, ...]


@dataclass(frozen=True)
class Text:
    """What an entry says, and what its lines look like to the reader where it stands alone: what is read of it hangs on these."""

    paragraphs: tuple[str, ...]
    looks: Looks = ()


@dataclass(frozen=True)
class Copy:
    """What the issue of a week is made of: what its records say, looked up once, and the words of the reader."""

    week: Week
    told: Mapping[str, Told]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, week: Week) -> Copy:
        """From the accepted records alone. The number of queries does not grow with the week."""
        return cls(week, {told.key: told for told in of_week(week)}, current())

    def heads(self, choices: Choices = Choices(), published_on: dt.date | None = None) -> Issue:  # noqa: B008 (frozen)
        """The issue without the text of its entries, which takes the time."""
        order = {key: at for at, key in enumerate(choices.order)}
        found = sorted((key for key in self.told if key not in choices.left_out), key=lambda key: order.get(key, len(order)))
        entries = tuple(_head(self.told[key], choices) for key in found)
        by_section = tuple(entry for one in Issue(self.week, "", "", None, entries).sections for entry in one[3])
        year, number, _day = self.week.monday.isocalendar()
        return Issue(self.week, f"碳讯 {year}年第{number}周", _lead(by_section), published_on, by_section)

    def written(self, entry: Entry, issue: Issue) -> Entry:
        """An entry of `heads` with its text, as it stands in that issue."""
        return replace(entry, paragraphs=self.text(entry, issue).paragraphs)

    def text(self, entry: Entry, issue: Issue) -> Text:
        """The text of an entry of `issue`, which tells how many there are and which day completes its dates."""
        told, until = self.told[entry.key], last_day(issue.week, issue.published_on)
        if len(issue.entries) > TRIED and told.statements and told.policy is None:
            return Text(_bulk(told, until))
        return _kept(told, entry.headline, self.vocabulary, until)

    def issue(self, choices: Choices = Choices(), published_on: dt.date | None = None) -> Issue:  # noqa: B008 (frozen)
        """The whole issue. Where each entry looks as it does by itself it is read as by itself: few are read whole."""
        heads = self.heads(choices, published_on)
        texts = [self.text(entry, heads) for entry in heads.entries]
        pairs = zip(heads.entries, texts, strict=True)
        issue = replace(heads, entries=tuple(replace(entry, paragraphs=text.paragraphs) for entry, text in pairs))
        if len(texts) > TRIED or _looks(to_text(issue)) == [text.looks for text in texts]:
            return issue
        return self._apart(issue)

    def _apart(self, issue: Issue) -> Issue:
        """The same with labelled lines alone for each entry that is read otherwise among the others than by itself; for all where
        that does not do."""
        for is_last in (False, True):
            found = [_misread(issue, self, known) for known in (self.vocabulary, shipped())]
            wrong = {key for entries in found for key, _why in entries}
            entries = (self._plain(entry, issue) if is_last or entry.key in wrong else entry for entry in issue.entries)
            issue = replace(issue, entries=tuple(entries)) if wrong else issue
        return issue

    def _plain(self, entry: Entry, issue: Issue) -> Entry:
        lines = _lacking(self.told[entry.key], entry.headline, (), self.vocabulary, last_day(issue.week, issue.published_on))
        return entry if lines is None else replace(entry, paragraphs=tuple(lines))


def compose(week: Week, choices: Choices = Choices(), *, published_on: dt.date | None = None) -> Issue:  # noqa: B008 (frozen)
    """The issue of `week` from its accepted records alone."""
    return Copy.of(week).issue(choices, published_on)


def last_day(week: Week, published_on: dt.date | None) -> dt.date:
    """The day that completes dates without a year when the issue is read."""
    return min(published_on or week.sunday, week.sunday)


def _head(told: Told, choices: Choices) -> Entry:
    key = told.key
    return Entry(
        key=key,
        section=told.section,
        headline=words(choices.headlines.get(key, "")) or told.headline,
        paragraphs=(),
        links=told.links,
        records=told.keys,
        note=words(choices.notes.get(key, "")),
    )


def _kept(told: Told, headline: str, vocabulary: Vocabulary, until: dt.date) -> Text:
    """The text of an entry, found once for all that it is made of: to read a sentence back takes milliseconds, and the editor's
    page is looked at again and again."""
    texts = _texts_by(vocabulary)
    made_of = (told.section, headline, told.headline, told.policy, told.statements, until)
    news = (told.news.kind, told.news.text, told.news.announced_on) if told.news else ()
    key = sha256(repr((*made_of, *news)).encode()).digest()
    if (found := texts.get(key)) is None:
        paragraphs = _paragraphs(told, headline, vocabulary, until)
        found = Text(paragraphs, next(iter(_looks(_alone(told, headline, paragraphs, until))), ()))
        if len(texts) >= MOST_TEXTS:
            texts.clear()
        texts[key] = found
    return found


Texts = dict[bytes, Text]
_latest: dict[str, tuple[Vocabulary, Texts]] = {}


def _texts_by(vocabulary: Vocabulary) -> Texts:
    """The texts that were found with these words of the reader; those of other words are forgotten."""
    known = _latest.get("texts")
    if known is None or known[0] is not vocabulary:
        known = _latest["texts"] = (vocabulary, {})
    return known[1]


def _paragraphs(told: Told, headline: str, vocabulary: Vocabulary, until: dt.date) -> tuple[str, ...]:
    """The way to tell it that needs the fewest labelled lines, and those."""
    tried: list[tuple[int, tuple[str, ...]]] = []
    for way in _ways(told, until):
        lines = _lacking(told, headline, way, vocabulary, until)
        if lines == []:
            return way
        if lines is not None:
            tried.append((len(lines), (*way, *lines)))
    if not tried and (lines := _lacking(told, headline, (), vocabulary, until)):
        return tuple(lines)  # what would not stand as an item's text stands in labelled lines
    return min(tried, key=itemgetter(0))[1] if tried else _bulk(told, until)


def _ways(told: Told, until: dt.date) -> Iterator[tuple[str, ...]]:
    """Paragraphs that may stand for the records, the most natural first."""
    if told.news:
        yield tuple(labelling.rows(told.news.text))
        return
    held = prose.statements(told.statements, until) if told.statements else ()
    if told.policy is None:
        yield held
        return
    for way in prose.policy(told.policy, until):
        yield (*way, *held)


def _lacking(told: Told, headline: str, way: tuple[str, ...], vocabulary: Vocabulary, until: dt.date) -> list[str] | None:
    """The labelled lines that make `way` say what the records say; None where it is not read as one item."""
    kind: list[str] = []
    seen = _seen(told, headline, way, vocabulary, until)
    if seen and (kind := labelling.kind_line(told, seen)):  # what it is decides what is read of it
        seen = _seen(told, headline, (*way, *kind), vocabulary, until)
    if not seen:
        return None
    lines = labelling.lines(told, seen, vocabulary.names)
    if lines and not kind:  # these lines too may let one think it is something else
        seen = _seen(told, headline, (*way, *lines), vocabulary, until)
        kind = labelling.kind_line(told, seen)
    is_doubled = bool(told.news and way and any(line.startswith(TEXT_MARK) for line in lines))
    return None if is_doubled or not seen else [*kind, *lines]


def _seen(
    told: Told, headline: str, paragraphs: tuple[str, ...], vocabulary: Vocabulary, until: dt.date
) -> list[tuple[Reading, Item]]:
    """How an entry is read: with our words, and with those of a house that has none of its own.

    [] where it is not read as one item, or changes how the next one is read.
    """
    text = _alone(told, headline, paragraphs, until)
    found = []
    for known in (vocabulary, shipped()):
        reading = read(text, until, known)
        is_one = [item.section.value for item in reading.items] == [told.section.value] * 2
        if not is_one or reading.items[1].body.end - reading.items[1].body.start != len(NEXT.paragraphs[0]):
            return []
        found.append((reading, reading.items[0]))
    return found


# What stands behind an entry that is tried: words that end an issue (往期推荐) or begin a section would change how it is read.
NEXT = Entry("next", Section.OTHER, "样例：下一条动态", ("近日，样例动态发布。",))


def _alone(told: Told, headline: str, paragraphs: tuple[str, ...], until: dt.date) -> str:
    """An issue of one entry and another behind it."""
    entries = (Entry("", told.section, headline, paragraphs), replace(NEXT, section=told.section))
    return to_text(Issue(Week.of(until), "", "", None, entries))


def _looks(text: str) -> list[Looks]:
    """What the lines of each entry in a text look like, without those that are for people."""
    return [(*map(_look, one.lines), *_labelled(one)) for one in outline(Passage.whole(clean(text))).segments]


def _look(row: Line) -> tuple[object, ...]:
    return row.words.words, row.bare.words, row.bullet, row.is_numbered, row.mark, row.number, row.stands_as_title


def _labelled(segment: Segment) -> list[tuple[str, str]]:
    return [(one.name, str(one.value)) for one in segment.labels if one.name not in (labels.NOTE, labels.SOURCE)]


def _bulk(told: Told, until: dt.date) -> tuple[str, ...]:
    """Statements on a line each, whatever their sentences say."""
    way = next(_ways(told, until))
    if not told.statements or told.policy is not None:
        return way
    kind = labels.line(labels.KIND, labels.KINDS["statement"])
    return (*way, kind, *map(labelling.record_line, told.statements))


def _lead(entries: Iterable[Entry]) -> str:
    """碳讯丨 and what the first headlines say: the line that stands above the issue."""
    heads = ["".join(entry.headline.partition("：" if "：" in entry.headline else ":")[::2]) for entry in entries]
    shown = [head.replace(",", "，").partition("，")[0][:LONGEST_LEAD] for head in heads[:LEADS]]
    return labels.MASTHEAD + "，".join(shown) + ("..." if len(heads) > LEADS else "")


def to_text(issue: Issue) -> str:
    """The issue as plain text, a blank line between all lines. Headings that would not be found as they stand are marked."""
    text = _text(issue, is_marked=False)
    wanted = [entry.headline for *_, entries in issue.sections for entry in entries]
    found = [str(one.heading) for one in outline(Passage.whole(clean(text))).segments if not one.is_headless]
    return text if found == wanted else _text(issue, is_marked=True)


def _text(issue: Issue, *, is_marked: bool) -> str:
    published = issue.published_on
    day = f"{published.year}年{published.month}月{published.day}日" if published else ""
    lines = [issue.lead or labels.MASTHEAD, f"{labels.PUBLISHED}：{day}", labels.CONTENTS]
    entries = [entry for *_, entries in issue.sections for entry in entries]
    lines += [f"{number}.{_short(entry.headline)}" for number, entry in enumerate(entries, start=1)]
    for place, _section, label, held in issue.sections:
        lines.append(f"{place}. {label}")
        for entry in held:
            lines.append(labels.line(labels.HEADLINE, entry.headline) if is_marked else entry.headline)
            lines += entry.paragraphs
            lines += [labels.line(labels.SOURCE, link.url) for link in entry.links]
            lines += [labels.line(labels.NOTE, entry.note)] if entry.note else []
    return "\n\n".join(lines) + "\n"


def _short(headline: str) -> str:
    return headline if len(headline) <= LONGEST_CONTENTS else f"{headline[:LONGEST_CONTENTS]}…"


def misread(issue: Issue) -> list[tuple[str, str]]:
    """(key, why) of the entries whose printed text, pasted back, would not give the same records."""
    copy = Copy.of(issue.week)
    return _misread(issue, copy, copy.vocabulary)


def _misread(issue: Issue, copy: Copy, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    reading = read(to_text(issue), last_day(issue.week, issue.published_on), vocabulary)
    if [item.headline.value for item in reading.items] != [entry.headline for entry in issue.entries]:
        return [(entry.key, _("The headings of this issue are not found again in its text.")) for entry in issue.entries[:1]]
    found = []
    for entry, item in zip(issue.entries, reading.items, strict=True):
        facts = copy.told.get(entry.key)
        seen = [(reading, item)]
        lacking = [*labelling.kind_line(facts, seen), *labelling.lines(facts, seen, vocabulary.names)] if facts else []
        if item.section.value != entry.section.value:
            lacking.append(str(entry.section.label))
        if lacking:
            found.append((entry.key, "；".join(lacking)))
    return found
