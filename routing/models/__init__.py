"""What the routing stage stores; each family of objects has a module of its own."""

from routing.models._case_files import CaseFile, CaseFileStep
from routing.models._orders import (
    OPEN_ORDERS,
    AnalysisReport,
    Difficulty,
    Grade,
    HandoverNotice,
    OrderExtension,
    OrderKind,
    OrderProgress,
    OrderStatus,
    OrderUnit,
    ReturnReason,
    WorkOrder,
)
from routing.models._pushes import Push
from routing.models._sheets import DailySheet, DailySheetRow, ShiftHandover

__all__ = [
    "OPEN_ORDERS",
    "AnalysisReport",
    "CaseFile",
    "CaseFileStep",
    "DailySheet",
    "DailySheetRow",
    "Difficulty",
    "Grade",
    "HandoverNotice",
    "OrderExtension",
    "OrderKind",
    "OrderProgress",
    "OrderStatus",
    "OrderUnit",
    "Push",
    "ReturnReason",
    "ShiftHandover",
    "WorkOrder",
]
