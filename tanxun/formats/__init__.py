"""Dates as YYYY-MM-DD in both languages, named by settings.FORMAT_MODULE_PATH."""
