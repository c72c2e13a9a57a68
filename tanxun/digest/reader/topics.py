"""Topics of a policy by cue words: a word of the heading or a title counts at once, so does a cue of the text;
a general word (a hint) counts in the text when a second sentence, or a second such word, says so too. Called by `policies`."""

from __future__ import annotations

from collections import Counter

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_ENOUGH = 2


def topics(headline: Passage, body: Passage, vocabulary: Vocabulary, titles: tuple[Passage, ...] = ()) -> tuple[Read[str], ...]:
    """Slugs in order of weight; `titles` are those of the documents that the item announces."""
    weight: Counter[str] = Counter()
    words: dict[str, Passage] = {}
    for passage in (headline, *body.sentences()):
        hinted: set[tuple[str, str]] = set()
        for found in passage.finditer(vocabulary.topic_pattern):
            cue, place = found.group().lower(), passage.group(found)
            is_title = passage is headline or any(title.start <= place.start < title.end for title in titles)
            for slug, is_sure in vocabulary.topics_by_cue[cue].items():
                is_hint = not (is_sure or is_title)
                weight[slug] += 0 if is_hint and (slug, cue) in hinted else 1 if is_hint else _ENOUGH
                words.setdefault(slug, place)
                hinted.add((slug, cue))
    ranked = [slug for slug, score in weight.most_common() if score >= _ENOUGH]
    return tuple(words[slug].read(slug, "inferred", f"依据词语“{words[slug]}”") for slug in ranked)


def spoken_of(passage: Passage, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Slugs of the topics whose cues the passage has, in its order; general words count for nothing."""
    hits = (vocabulary.topics_by_cue[found.group().lower()] for found in passage.finditer(vocabulary.topic_pattern))
    return tuple(dict.fromkeys(slug for slugs in hits for slug, is_sure in slugs.items() if is_sure))
