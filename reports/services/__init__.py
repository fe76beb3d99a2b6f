"""Verbs of the reports: figures are marked and counted, a masked value is revealed under a trace."""

from reports.services._counting import count, count_dirty, mark_dirty, recount
from reports.services._revealing import reveal

__all__ = ["count", "count_dirty", "mark_dirty", "recount", "reveal"]
