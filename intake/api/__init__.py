"""Doors for machines and for dispatchers' own programs: `POST …/alerts/`."""

from intake.api._alerts import Alerts, SourceAlerts
from intake.api._answer import item_class, report_of

__all__ = ["Alerts", "SourceAlerts", "item_class", "report_of"]
