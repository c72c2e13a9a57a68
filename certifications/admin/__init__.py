"""Staff's entry of companies, statements and their vocabulary; `tanxun.site.admin` joins it with the policies."""

from . import companies, statements, vocabulary

__all__ = ["companies", "statements", "vocabulary"]
