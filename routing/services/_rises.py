"""The colour rose, or the case ended: what becomes of its running pushes."""

from __future__ import annotations

from datetime import datetime

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Colour, Status
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.services import _machine as machine
from routing.services._assisting import end_assistance
from routing.services._night import end_sight
from routing.services._orders import end_open_orders
from routing.services._pushes import URGENCY
from routing.services._reinforcement import end_help
from routing.services._second import follow_rise, issue_second


def notify_rise(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of case.colour_raised: pushes take the graver limits; crew, holder and chief are told once.

    Whatever raised it: an alert, a word told later, something that went wrong, a person; and from whatever
    it rose, since a case of no dispute had no colour.
    """
    told: set[int | None] = {None}
    for push in _open_pushes(case):
        if machine.graver(push.colour, case.colour) == push.colour:
            continue
        push.colour = case.colour
        push.save(update_fields=["colour"])
        machine.sharpen(push, at=at)
        if not push.is_first and push.status != Push.Status.QUEUED:
            follow_rise(case, push, at=at)
        if push.status == Push.Status.QUEUED and push.colour in machine.GRAVE:
            issue_second(case, push, at=at, cause=event)
        elif (post_id := push.signed_by_id or push.addressee_post_id) not in told:
            told.add(post_id)
            _tell(case, post_id=post_id, link=f"/pushes/{push.pk}/", at=at)
    if case.holder_post_id not in told:
        _tell(case, post_id=case.holder_post_id, link=f"/cases/{case.case_no}/", at=at)
    _tell(case, unit_id=case.station_id, role=Role.STATION_CHIEF, link=f"/cases/{case.case_no}/", at=at)


def _open_pushes(case: Case) -> list[Push]:
    open_ones = Push.objects.select_for_update(of=("self",)).filter(
        case=case, status__in=[Push.Status.QUEUED, *machine.RUNNING]
    )
    contacted = Push.objects.filter(case=case, tier=Push.Tier.SECOND, status=Push.Status.REPORTED)
    return [*open_ones.order_by("pk"), *contacted]


def _tell(
    case: Case,
    *,
    link: str,
    at: datetime,
    post_id: int | None = None,
    unit_id: int | None = None,
    role: str = "",
) -> None:
    if post_id is None and unit_id is None:
        return
    message = outbox.Message(
        kind="case.colour_raised",
        title=f"预警色升为{Colour(case.colour).label}色：{case.case_no}",
        body=case.colour_sentence,
        link=link,
        urgency=URGENCY.get(case.colour, "normal"),
        post_id=post_id,
        unit_id=unit_id,
        role=role,
    )
    outbox.notify(message, at=at, case_id=case.pk)


def end_open(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of a case's end: push 2 and its clocks become pointless and end with a trace.

    Push 1 goes on, because dispatch belongs to the alert (handbook 4); only 无效 calls the crew back.
    """
    ended = Push.objects.select_for_update(of=("self",)).filter(case=case).exclude(status=Push.Status.ENDED)
    if event.kind == "case.void":
        ended = ended.exclude(tier=Push.Tier.FIRST, status=Push.Status.REPORTED)
    else:
        ended = ended.filter(tier=Push.Tier.SECOND)
    if event.kind == "case.settled" and event.data.get("from") == Status.SCENE:
        # Rule (c): a repeated alert is tracked even when the crew settled it (handbook 4).
        ended = ended.exclude(entries__contains=[Push.Entry.REPEATED])
    for push in ended.filter(reinforces=None).order_by("pk"):
        machine.change(push, Push.Status.ENDED, ended_at=at)
        deadlines.end(push, at=at)
        if not push.is_first:
            end_sight(case, push, at=at)
        lifecycle.record(
            case, "push.ended", actor=actor, at=at, subject=push, cause=event,
            data={"tier": push.tier, "why": event.kind},
        )  # fmt: skip
        if push.is_first and push.signed_by_id:
            _call_back(case, push, at=at)
            end_help(case, push, why=event.kind, actor=actor, at=at)
    end_assistance(case, actor=actor, at=at)
    end_open_orders(case, event=event, actor=actor, at=at)


def _call_back(case: Case, push: Push, *, at: datetime) -> None:
    message = outbox.Message(
        kind="push.ended",
        title=f"{case.case_no} 已确认为无效警情，请返回",
        link=f"/pushes/{push.pk}/",
        urgency="important",
        post_id=push.signed_by_id,
    )
    outbox.notify(message, at=at, case_id=case.pk)
