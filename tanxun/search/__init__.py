"""Search in Chinese text: folding, pinyin keys, and the one interface (`IndexedQuerySet.search`) that lists ask."""
