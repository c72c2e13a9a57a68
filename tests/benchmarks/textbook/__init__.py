"""The peer of the benchmark: what a competent developer makes of our tables in an afternoon. Started by `tests.benchmarks.sites`.

A FilterView with SingleTableMixin, django-tables2 and ExportMixin, over the same tables with the same indexes. It is spared what
ours does beside that: it asks nobody to sign in, keeps no history and no search index.
"""
