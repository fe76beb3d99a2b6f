"""What the routing stage stores; each family of objects has a module of its own."""

from routing.models._case_files import CaseFile, CaseFileStep
from routing.models._pushes import Push
from routing.models._sheets import DailySheet, DailySheetRow, ShiftHandover

__all__ = [
    "CaseFile",
    "CaseFileStep",
    "DailySheet",
    "DailySheetRow",
    "Push",
    "ShiftHandover",
]
