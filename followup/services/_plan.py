"""Plan the follow-up of a settlement, and end what a change makes pointless (handbook 10)."""

from __future__ import annotations

from datetime import datetime

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import clock_table, deadlines, grants, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline, SettleHow, Status
from followup.models import OPEN_FOLLOW_UPS, FollowUp, FollowUpStatus, Mode
from followup.plans import plans
from intake.models import Alert
from mediation import selectors as mediation
from triage import selectors as triage

MEDIATED = (SettleHow.AGREEMENT, SettleHow.ORAL_AGREEMENT)
BY_OFFICER = ("red", "orange")
GRANT, CLOCK = "follow_up", "follow_up.visit"


def plan(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `case.settled`: one FollowUp per date of the colour's plan, each with its clock.

    Red and orange go to the responsible officer, mediated ones of the lower colours to their mediator,
    each within 14 days; a blue one settled on the scene gets a message, one in ten a call (handbook 10).
    """
    colour = case.colour or "blue"
    limits = plans()["visits"][colour]
    sensitive = is_sensitive(case)
    mode = Mode.VISIT if sensitive or colour == "red" else _mode(case, colour)
    for number, limit in enumerate(limits, start=1):
        _add(case, event, number, limit, mode=mode, is_sensitive=sensitive, colour=colour, at=at)
    lifecycle.record(case, "follow_up.planned", actor=actor, at=at, cause=event, data={"visits": len(limits)})


def plan_visit(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `agreement.breached`: one visit within three days, if the case stays settled.

    A closing that was already asked for is taken back: it rested on an agreement that was kept.
    """
    if case.status == Status.SETTLED:
        add_visit(case, event=event, actor=actor, at=at)


def add_visit(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """One more visit by the responsible officer within three days; a proposed closing waits for it."""
    settlement = CaseEvent.objects.filter(case=case, kind="case.settled").order_by("-id").first()
    if settlement is None:
        return
    last = FollowUp.objects.filter(settlement=settlement).order_by("-number").first()
    _add(
        case, settlement, (last.number if last else 0) + 1, plans()["again_within"], mode=Mode.VISIT,
        is_sensitive=is_sensitive(case), colour="orange", at=at,
    )  # fmt: skip
    lifecycle.record(case, "follow_up.planned", actor=actor, at=at, cause=event, data={"visits": 1})
    if case.close_proposed_at is not None:
        case.close_proposed_at = None
        case.save(update_fields=["close_proposed_at"])
        deadlines.end(case, at=at, kinds=["close.approve"])


def _add(
    case: Case, settlement: CaseEvent, number: int, limit: str, *, mode: str, is_sensitive: bool,
    colour: str, at: datetime,
) -> None:  # fmt: skip
    post, unit_id, role = _assignee(case, colour, at)
    safety = clock_table.is_safety(CLOCK, case.colour)
    last = FollowUp.objects.filter(settlement=settlement).exclude(safe_contact="").first()
    follow_up = FollowUp.objects.create(
        case=case, settlement=settlement, number=number, mode=mode, is_sensitive=is_sensitive,
        assignee_post=post, assignee_unit_id=unit_id, assignee_role=role, planned_at=at,
        due_at=clock_table.due_at(at, limit, safety=safety),
        safe_contact=last.safe_contact if last else "",
    )  # fmt: skip
    holder = deadlines.Holder(unit_id, post.pk if post else None, role)
    deadlines.start(
        case, follow_up, CLOCK, key=case.colour, holder=holder, at=at, due_at=follow_up.due_at, limit=limit
    )
    if post is not None:
        # The mediator's sight of the case ends with the mediation; he still has to ask both sides.
        grants.give(case, GRANT, at=at, post_id=post.pk)


def move_with_clock(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `deadline.recounted`: a visit whose last day became a rest day is due when its clock is."""
    row = event.subject
    if isinstance(row, Deadline) and row.kind == CLOCK:
        FollowUp.objects.filter(pk=row.subject_id, status__in=OPEN_FOLLOW_UPS).update(due_at=row.due_at)


def _assignee(case: Case, colour: str, at: datetime) -> tuple[Post | None, int | None, str]:
    """Who asks: mediator, else the responsible officer who holds the case, else the command room."""
    if colour not in BY_OFFICER and case.settle_how in MEDIATED:
        mediator = mediation.mediator_post(case)
        if mediator is not None and _is_held(mediator, at):
            return mediator, mediator.unit_id, mediator.role
    holder = case.holder_post
    if holder is not None and holder.role == Role.COMMUNITY_OFFICER and _is_held(holder, at):
        return holder, holder.unit_id, Role.COMMUNITY_OFFICER
    if colour in BY_OFFICER and case.area_id is not None:
        return None, case.area_id, Role.COMMUNITY_OFFICER
    return None, case.station_id, Role.STATION_COMMAND


def _is_held(post: Post, at: datetime) -> bool:
    return post.user.is_active and (post.ends_at is None or post.ends_at > at)


def _mode(case: Case, colour: str) -> str:
    if colour != "blue" or case.settle_how != SettleHow.ON_SCENE:
        return Mode.CALL
    return Mode.CALL if case.pk % plans()["blue_called_one_in"] == 0 else Mode.MESSAGE


def is_sensitive(case: Case) -> bool:
    """Family violence, stalking, minors: no message, no satisfaction question, visits by two.

    Told by the item, by what triage read in the newest assessment, or by a flag of any alert.
    """
    if case.item_code in plans()["sensitive_items"]:
        return True
    assessment = triage.latest(case)
    if assessment is not None and any(map(assessment.has_factor, plans()["sensitive_factors"])):
        return True
    return Alert.objects.filter(case=case, flags__overlap=plans()["sensitive_flags"]).exists()


def end_open(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of what ends or takes back a settlement: its open visits lose their purpose."""
    waive_open(case, reason="案件状态变化，原回访计划终止", actor=actor, at=at, cause=event)
    grants.end(case, GRANT, ends_at=at)


def waive_open(case: Case, *, reason: str, actor: Actor, at: datetime, cause: CaseEvent | None = None) -> int:
    """Waive every open follow-up of the case with a reason and end its clock. Returns how many."""
    rows = list(FollowUp.objects.select_for_update().filter(case=case, status__in=OPEN_FOLLOW_UPS))
    for row in rows:
        row.status, row.waived_reason = FollowUpStatus.WAIVED, reason
        deadlines.end(row, at=at)
    FollowUp.objects.bulk_update(rows, ["status", "waived_reason"])
    if rows:
        said = {"reason": reason, "visits": len(rows)}
        lifecycle.record(case, "follow_up.waived", actor=actor, at=at, cause=cause, data=said)
    return len(rows)
