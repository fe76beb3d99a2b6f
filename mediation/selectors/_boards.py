"""What the pages of this stage show, each as one answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.cases.selectors import open_deadlines
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from mediation.models import (
    Agreement,
    Consultation,
    ItemStatus,
    MediationSession,
    SessionResult,
    SessionStatus,
)
from mediation.selectors._agreements import agreements_of, due_items, papers_of
from mediation.selectors._consultations import agenda_of, suggested_cases, suggestions
from mediation.selectors._sessions import by_day, parties_for, sessions_visible_to
from mediation.services import CONCLUDED_IN

VIEWS: Final = (("planned", "待调解"), ("held", "已调解"), ("performance", "待履行"))
MOST_SUGGESTED = 50


def session_board(actor: PostActor, view: str | None, *, cursor: str | None, at: datetime) -> dict[str, Any]:
    """调解: planned sessions by day from the nearest, held ones from the newest, promises by their date."""
    shown = view if view in dict(VIEWS) else "planned"
    tabs = [{"title": title, "url": f"?view={code}", "is_current": code == shown} for code, title in VIEWS]
    if shown == "performance":
        page = keyset_page(due_items(actor, at=at), order=("due_on", "id"), cursor=cursor)
        return {"tabs": tabs, "view": shown, "page": page, "today": time.beijing_date(at)}
    rows = sessions_visible_to(actor, at=at)
    planned = shown == "planned"
    rows = (
        rows.filter(status=SessionStatus.PLANNED) if planned else rows.exclude(status=SessionStatus.PLANNED)
    )
    order = ("planned_at", "id") if planned else ("-planned_at", "-id")
    page = keyset_page(rows, order=order, cursor=cursor)
    today = time.beijing_date(at)
    days = [(day_name(day, today), day < today and planned, rows) for day, rows in by_day(page.rows)]
    return {"tabs": tabs, "view": shown, "page": page, "days": days}


def day_name(day: date, today: date) -> str:
    """今天, 明天, else the date with its weekday; the year only when it differs."""
    near = {today: "今天", today + timedelta(days=1): "明天", today - timedelta(days=1): "昨天"}
    year = f"{day.year}年" if day.year != today.year else ""
    said = f"{year}{day.month}月{day.day}日 {time.weekday(day)}"
    return f"{near[day]} {said}" if day in near else said


def session_page(actor: PostActor, session: MediationSession) -> dict[str, Any]:
    """One session with its parties, what came of it, and what this post may do next."""
    agreed = session.result in (SessionResult.AGREED, SessionResult.PARTLY)
    return {
        "session": session,
        "case": session.case,
        "parties": parties_for(actor, session.case),
        "agreements": list(agreements_of(session.case)),
        "may_reveal": policy.allows(actor.role, "party.reveal"),
        "may_record": session.status == SessionStatus.PLANNED and policy.allows(actor.role, "session.hold"),
        "may_conclude": agreed and _may_conclude(actor, session.case),
        "may_print": session.status == SessionStatus.HELD and policy.allows(actor.role, "paper.make"),
    }


def _may_conclude(actor: PostActor, case: Case) -> bool:
    return case.status in CONCLUDED_IN and policy.allows(actor.role, "agreement.conclude")


def agreement_page(actor: PostActor, agreement: Agreement) -> dict[str, Any]:
    """One agreement with its promises and their clocks, papers, and what this post may do."""
    clocks: dict[tuple[str, int], Deadline] = {
        (clock.subject_kind, clock.subject_id): clock for clock in open_deadlines(agreement.case)
    }
    items = list(agreement.items.order_by("number"))
    return {
        "agreement": agreement,
        "case": agreement.case,
        "parties": parties_for(actor, agreement.case),
        "items": [(item, clocks.get(("performanceitem", item.pk))) for item in items],
        "confirm_clock": clocks.get(("agreement", agreement.pk)),
        "papers": list(papers_of(agreement)),
        "left": sum(item.status != ItemStatus.PERFORMED for item in items),
        "may_perform": policy.allows(actor.role, "performance.record"),
        "may_print": policy.allows(actor.role, "paper.make"),
    }


def consultation_page(actor: PostActor, consultation: Consultation, *, at: datetime) -> dict[str, Any]:
    """One meeting: its agenda with decisions and, while it is open, what belongs on it by rule."""
    is_open = consultation.closed_at is None
    may_edit = is_open and policy.allows(actor.role, "consultation.convene")
    cases = suggested_cases(consultation, actor, at=at)[: MOST_SUGGESTED + 1] if may_edit else []
    suggested = suggestions(list(cases), at=at)
    return {
        "consultation": consultation,
        "agenda": list(agenda_of(consultation)),
        "suggested": suggested[:MOST_SUGGESTED],
        "more_suggested": len(suggested) > MOST_SUGGESTED,
        "may_edit": may_edit,
    }
