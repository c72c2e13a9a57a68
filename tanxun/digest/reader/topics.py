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
    characters (标准, 交通, 出口) says little on its own in the body and counts only when a second sentence has one."""
    weight: Counter[str] = Counter()
    words: dict[str, Passage] = {}
    title_ranges = [(title.start, title.end) for title in titles]
    for passage in (headline, *body.sentences()):
        once: set[str] = set()
        for found in passage.finditer(vocabulary.topic_pattern):
            is_title = passage is headline or any(start <= found.start() < end for start, end in title_ranges)
            for slug in vocabulary.topics_by_cue[found.group().lower()]:
                general = not is_title and len(found.group()) <= _GENERAL_LENGTH
                weight[slug] += 0 if general and slug in once else 1 if general else _ENOUGH
                words.setdefault(slug, passage.group(found))
                once.add(slug)
    ranked = [slug for slug, score in weight.most_common() if score >= _ENOUGH]
    return tuple(words[slug].read(slug, "inferred", f"依据词语“{words[slug]}”") for slug in ranked)
