"""Topics of a policy by cue words: a heading's word counts at once, a general word in the body must come back."""

from __future__ import annotations

from collections import Counter

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_ENOUGH = 2
_GENERAL_LENGTH = 2


def topics(headline: Passage, body: Passage, vocabulary: Vocabulary, titles: tuple[Passage, ...] = ()) -> tuple[Read[str], ...]:
    """Slugs in order of weight. Heading and titles of documents say what an item is about; a cue of two
    characters (标准, 交通, 出口) says little on its own in the body and counts only when repeated."""
    weight: Counter[str] = Counter()
    words: dict[str, Passage] = {}
    title_ranges = [(title.start, title.end) for title in titles]
    for passage in (headline, body):
        for found in passage.finditer(vocabulary.topic_pattern):
            in_title = passage is headline or any(start <= found.start() < end for start, end in title_ranges)
            for slug in vocabulary.topics_by_cue[found.group().lower()]:
                weight[slug] += _weight(found.group(), in_title)
                words.setdefault(slug, passage.group(found))
    ranked = [slug for slug, score in weight.most_common() if score >= _ENOUGH]
    return tuple(words[slug].read(slug, "inferred", f"依据词语“{words[slug]}”") for slug in ranked)


def _weight(cue: str, in_title: bool) -> int:
    if in_title:
        return _ENOUGH
    return 1 if len(cue) <= _GENERAL_LENGTH else _ENOUGH
