"""Plan the follow-up of a settlement, and end what a change makes pointless (handbook 10)."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import clock_table, deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, SettleHow
from followup.models import OPEN_FOLLOW_UPS, FollowUp, FollowUpStatus, Mode
from mediation import selectors as mediation

MEDIATED = (SettleHow.AGREEMENT, SettleHow.ORAL_AGREEMENT)
BY_OFFICER = ("red", "orange")
DATA = Path(__file__).parent.parent / "data" / "plans.json"


@cache
def plans() -> dict[str, Any]:
    """The table of follow-up plans by colour."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def plan(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `case.settled`: one FollowUp per date of the colour's plan, each with its clock.

    Red and orange go to the responsible officer; other mediated cases to their mediator within 14
    days; a blue one settled on the scene gets a message, one in ten a call.
    """
    colour = case.colour or "blue"
    limits = plans()["visits"][colour]
    post, unit_id, role = _assignee(case, colour, at)
    for number, limit in enumerate(limits, start=1):
        due_at = clock_table.due_at(at, limit, safety=colour in BY_OFFICER)
        follow_up = FollowUp.objects.create(
            case=case, settlement=event, number=number, mode=_mode(case, colour),
            is_sensitive=is_sensitive(case), assignee_post=post, assignee_unit_id=unit_id,
            assignee_role=role, planned_at=at, due_at=due_at,
        )  # fmt: skip
        _start_clock(follow_up, at)
    lifecycle.record(case, "follow_up.planned", actor=actor, at=at, cause=event, data={"visits": len(limits)})


def plan_visit(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `agreement.breached`: one visit within three days, if the case stays settled."""
    settlement = CaseEvent.objects.filter(case=case, kind="case.settled").order_by("-id").first()
    if settlement is None or case.status != "settled":
        return
    last = FollowUp.objects.filter(settlement=settlement).order_by("-number").first()
    post, unit_id, role = _assignee(case, "orange", at)
    follow_up = FollowUp.objects.create(
        case=case, settlement=settlement, number=(last.number if last else 0) + 1, mode=Mode.VISIT,
        is_sensitive=is_sensitive(case), assignee_post=post, assignee_unit_id=unit_id,
        assignee_role=role, planned_at=at,
        due_at=clock_table.due_at(at, plans()["after_breach_within"], safety=case.colour in BY_OFFICER),
    )  # fmt: skip
    _start_clock(follow_up, at)


def _start_clock(follow_up: FollowUp, at: datetime) -> None:
    holder = deadlines.Holder(follow_up.assignee_unit_id, follow_up.assignee_post_id, follow_up.assignee_role)
    deadlines.start(
        follow_up.case, follow_up, "follow_up.visit", key=follow_up.case.colour, holder=holder, at=at,
        due_at=follow_up.due_at,
    )  # fmt: skip


def _assignee(case: Case, colour: str, at: datetime) -> tuple[Post | None, int | None, str]:
    """Who asks: mediator, else the responsible officer who holds the case, else the command room."""
    if colour not in BY_OFFICER and case.settle_how in MEDIATED:
        mediator = mediation.mediator_post(case)
        if mediator is not None:
            return mediator, mediator.unit_id, Role.MEDIATOR
    holder = case.holder_post
    if holder is not None and holder.role == Role.COMMUNITY_OFFICER:
        return holder, holder.unit_id, Role.COMMUNITY_OFFICER
    if colour in BY_OFFICER and case.area_id is not None:
        return None, case.area_id, Role.COMMUNITY_OFFICER
    return None, case.station_id, Role.STATION_COMMAND


def _mode(case: Case, colour: str) -> str:
    if is_sensitive(case) or colour == "red":
        return Mode.VISIT
    if colour != "blue" or case.settle_how != SettleHow.ON_SCENE:
        return Mode.CALL
    return Mode.CALL if case.pk % plans()["blue_called_one_in"] == 0 else Mode.MESSAGE


def is_sensitive(case: Case) -> bool:
    """Family violence, stalking, minors: no message, no satisfaction question, visits by two."""
    return case.item_code in plans()["sensitive_items"]


def end_open(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of a case's endings: open visits of an earlier settlement lose their purpose."""
    waive_open(case, reason="案件状态变化，原回访计划终止", actor=actor, at=at, cause=event)


def waive_open(case: Case, *, reason: str, actor: Actor, at: datetime, cause: CaseEvent | None = None) -> int:
    """Waive every open follow-up of the case with a reason and end its clock. Returns how many."""
    rows = list(FollowUp.objects.filter(case=case, status__in=OPEN_FOLLOW_UPS))
    for row in rows:
        row.status, row.waived_reason = FollowUpStatus.WAIVED, reason
        deadlines.end(row, at=at)
    FollowUp.objects.bulk_update(rows, ["status", "waived_reason"])
    if rows:
        said = {"reason": reason, "visits": len(rows)}
        lifecycle.record(case, "follow_up.waived", actor=actor, at=at, cause=cause, data=said)
    return len(rows)
