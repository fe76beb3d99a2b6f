"""The small lists of a case file in one query: PostgreSQL packs each of them as an array of objects.

Fetched one by one they cost a query each; the whole page may need twelve (design, section 7).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef
from django.db.models.functions import JSONObject

from dispute_hub.cases.models import Case
from followup.models import FollowUp, Supervision
from mediation.models import Agreement, MediationSession, Paper, PerformanceItem
from routing.models import CaseFile, CaseFileStep, Emergency, HandoverNotice, Push, WorkOrder
from triage.models import Regrade

MOST_ROWS = 50
Part = dict[str, Any]


def _columns(names: str, **paths: str) -> dict[str, str]:
    return {name: name for name in names.split()} | paths


# part: (model, path to its case, order, columns)
PARTS: Final[dict[str, tuple[type[Model], str, str, dict[str, str]]]] = {
    "pushes": (
        Push, "case", "-id",
        _columns(
            "id tier status entry colour issued_at signed_at signed_how arrived_at reported_at outcome"
            " feedback addressee_role",
            addressee="addressee_unit__name", signer="signed_by__user__full_name",
        ),
    ),
    "orders": (
        WorkOrder, "case", "-id",
        _columns(
            "id no kind status grade difficulty sent_at accepted_at ended_at end_text return_reason"
            " settle_how",
            addressee="addressee__name", report="report__number", notice="notice__number",
        ),
    ),
    "files": (CaseFile, "case", "-id", _columns("id kind number opened_at")),
    "steps": (CaseFileStep, "file__case", "id", _columns("file_id step decision text at")),
    "sessions": (
        MediationSession, "case", "-id",
        _columns("id number kind status planned_at held_at place result result_text",
                 mediator="mediator__post__user__full_name"),
    ),
    "agreements": (
        Agreement, "case", "-id", _columns("id number form status concluded_at total_amount"),
    ),
    "items": (
        PerformanceItem, "agreement__case", "number",
        _columns("agreement_id number what amount due_on status performed_at"),
    ),
    "follow_ups": (
        FollowUp, "case", "id",
        _columns("id number mode status due_at done_at is_bad text waived_reason tries"),
    ),
    "regrades": (
        Regrade, "case", "-id",
        _columns("id kind from_value to_value reason_code reason engine_colour engine_item rule_version "
                 "status proposed_at decided_at by_duty",
                 proposer="proposer__full_name", approver="approver__full_name"),
    ),
    "supervisions": (
        Supervision, "case", "-id", _columns("id number kind status problem issued_at answered_at"),
    ),
    "emergencies": (Emergency, "case", "-id", _columns("id ended_at")),
    "papers": (Paper, "case", "-id", _columns("id number kind version made_at voided_at")),
    "notices": (HandoverNotice, "order__case", "-id", _columns("number issued_at", no="order__no")),
}  # fmt: skip
# A mediator sees his own side of the case: no pushes, grades, files or orders (reliability 4.2).
MEDIATION_PARTS: Final = ("sessions", "agreements", "items", "follow_ups", "papers")


def parts_of(case: Case, *, names: tuple[str, ...] = tuple(PARTS)) -> dict[str, list[Part]]:
    """The named lists of a case, at most fifty rows each; one query."""
    packed = {f"part_{name}": _packed(*PARTS[name]) for name in names}
    row = Case.objects.filter(pk=case.pk).order_by().annotate(**packed).values(*packed).get()
    empty: dict[str, list[Part]] = {name: [] for name in PARTS}
    return empty | {name: [_unpacked(entry) for entry in row[f"part_{name}"]] for name in names}


def _packed(model: type[Model], path: str, order: str, columns: dict[str, str]) -> ArraySubquery:
    rows = model._default_manager.filter(**{path: OuterRef("pk")}).order_by(order)
    return ArraySubquery(rows.values(packed=JSONObject(**columns))[:MOST_ROWS])


def _unpacked(entry: Part) -> Part:
    """JSON has no instants and days: they come back by the names of their columns."""
    for name, value in entry.items():
        if value and (name == "at" or name.endswith("_at")):
            entry[name] = datetime.fromisoformat(value)
        elif value and name.endswith("_on"):
            entry[name] = date.fromisoformat(value)
    return entry
