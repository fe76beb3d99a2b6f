"""What a sender is told about its alert: what triage made of it and where it was pushed."""

from __future__ import annotations

import logging
from typing import Any

from intake import selectors
from intake.message import AlertFacts
from intake.services import Receipt, is_kept
from routing import selectors as routing
from triage import engine
from triage import selectors as triage
from triage import services as assessing

log = logging.getLogger(__name__)


def report_of(facts: AlertFacts, *, source: str) -> engine.Report:
    """The facts in hand as the triage engine reads them."""
    return engine.Report(
        narrative=facts.narrative,
        received_at=facts.received_at,
        source=source,
        stated_item=facts.stated_item,
        people_involved=facts.people_involved,
        amount=facts.amount,
        flags=facts.flags,
    )


def item_class(facts: AlertFacts) -> str:
    """The class triage gives the text; "" when triage fails: taking an alert in never depends on it."""
    try:
        verdict = assessing.preview(report_of(facts, source="110"))
    except Exception:
        log.exception("triage preview failed")
        return ""
    return verdict.item[:3]


def answer(receipt: Receipt) -> dict[str, Any]:
    """The reply of design, API v1, from the stored alert, its case, assessment and first push."""
    alert, case = receipt.alert, receipt.case
    counts = receipt.repeats or selectors.repeats_of(alert)
    return {
        "alert_no": alert.alert_no,
        "version": alert.version,
        "case_no": case.case_no,
        "status": case.status,
        **_judged(receipt),
        "repeat": {
            "alerts_30d": counts.alerts_30d,
            "alerts_90d": counts.alerts_90d,
            "attached": bool(alert.attached_how),
        },
        **_pushed_or_kept(receipt),
    }


def _pushed_or_kept(receipt: Receipt) -> dict[str, Any]:
    """The first push; of a complaint kept from its station that it is, in words."""
    notice = {"notice": "投诉民警警情，已转分局督察受理"} if is_kept(receipt.alert) else {}
    return {"push": _pushed(receipt), **notice}


def _judged(receipt: Receipt) -> dict[str, Any]:
    assessment = triage.of_alert(receipt.alert)
    if assessment is None:
        nothing: dict[str, Any] = {"item": None, "alternatives": [], "side": None, "factors": []}
        return {"colour": receipt.case.colour or None, **nothing}
    return {**triage.answer_of(assessment), "colour": receipt.case.colour or None}


def _pushed(receipt: Receipt) -> dict[str, Any] | None:
    found = routing.first_push_with_clock(receipt.alert)
    if found is None:
        return None
    push, due_at = found
    return {"id": push.pk, "tier": push.tier, "sign_due_at": due_at.isoformat() if due_at else None}
