"""Doors for machines and for dispatchers' own programs: `POST …/alerts/`."""

from intake.api._alerts import Alerts, SourceAlerts

__all__ = ["Alerts", "SourceAlerts"]
