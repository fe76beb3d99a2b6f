"""What the routing stage stores; each family of objects has a module of its own."""

from routing.models._assisting import AssistingPush
from routing.models._case_files import CaseFile, CaseFileStep
from routing.models._crew_calls import OnBehalf, Reinforcement
from routing.models._emergencies import Emergency, EmergencyCall, EmergencyReport
from routing.models._order_parts import CounterMatter, LostContact, OrderContact, OrderWatch
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
from routing.models._proposals import PhoneApproval, ReportDraft, ThirdPushFiling
from routing.models._pushes import Push
from routing.models._sheets import DailySheet, DailySheetRow, ShiftHandover
from routing.models._stepping_aside import JurisdictionDispute, Recusal

__all__ = [
    "OPEN_ORDERS",
    "AnalysisReport",
    "AssistingPush",
    "CaseFile",
    "CaseFileStep",
    "CounterMatter",
    "DailySheet",
    "DailySheetRow",
    "Difficulty",
    "Emergency",
    "EmergencyCall",
    "EmergencyReport",
    "Grade",
    "HandoverNotice",
    "JurisdictionDispute",
    "LostContact",
    "OnBehalf",
    "OrderContact",
    "OrderExtension",
    "OrderKind",
    "OrderProgress",
    "OrderStatus",
    "OrderUnit",
    "OrderWatch",
    "PhoneApproval",
    "Push",
    "Recusal",
    "Reinforcement",
    "ReportDraft",
    "ReturnReason",
    "ShiftHandover",
    "ThirdPushFiling",
    "WorkOrder",
]
