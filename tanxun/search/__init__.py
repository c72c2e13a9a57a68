"""Search in Chinese text: folding, words of the index, and the one interface (`IndexedQuerySet.search`) that lists ask."""
