"""投诉民警警情: never enters the station complained of, unless somebody is in danger (handbook 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.models import Alert, AttachedHow
from routing.services._machine import GRAVE
from routing.services._pool import dispatch_pool
from routing.services._transfers import check_station
from triage.models import Assessment

ITEM: Final = "P0804"
KEPT: Final = "complaint.kept"


def keep_complaint(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of case.assessed, before push 1: a complaint about officers waits at the bureau.

    Its sender's or the dispatcher's word is enough, or the engine's. Red and orange go to the crew as ever.
    """
    made = event.subject
    if not isinstance(made, Assessment) or made.alert is None:
        return
    alert, is_grave = made.alert, made.colour in GRAVE
    if intake.is_kept(alert):
        if is_grave and case.station_id is None:
            intake.let_go(case, alert, actor=actor, at=at)
            _tell_bureau(case, "投诉民警警情有现实危险，已先行派警，请督察跟进", at=at)
    elif _is_new(alert, event):
        if ITEM in (alert.stated_item, made.item_code):
            _keep(case, alert, is_grave=is_grave, event=event, actor=actor, at=at)
    elif alert.station_id != case.station_id and intake.kept_of(case) is not None:
        intake.keep_further(case, alert)
        if is_grave and case.station_id is None:
            intake.let_go(case, alert, actor=actor, at=at)


def _is_new(alert: Alert, event: CaseEvent) -> bool:
    """A first call; what the station has seen already cannot be kept from it."""
    received = event.cause is not None and event.cause.kind == "alert.received"
    return received and alert.attached_how == AttachedHow.FIRST


def _keep(case: Case, alert: Alert, *, is_grave: bool, event: CaseEvent, actor: Actor, at: datetime) -> None:
    if is_grave:
        _tell_bureau(case, "投诉民警警情有现实危险，已先行派警，请督察跟进", at=at)
        return
    named = alert.station.code if alert.station is not None else ""
    intake.keep(case, alert, at=at)
    data = {"alert_id": alert.pk, "station": named}
    lifecycle.record(case, KEPT, actor=actor, at=at, subject=alert, data=data, cause=event)
    _tell_bureau(case, "投诉民警警情，请指定办理单位（不得交被投诉单位）", at=at)


def _tell_bureau(case: Case, words: str, *, at: datetime) -> None:
    if case.bureau_id is None:
        return
    message = outbox.Message(
        kind="complaint", title=f"{words}：{case.case_no}", link="/approvals/aside/", urgency="alarm",
        unit_id=case.bureau_id, role=Role.BUREAU,
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def assign_complaint(case: Case, *, to: Unit | None, actor: PostActor, at: datetime) -> Case:
    """指定办理单位: the bureau gives a kept complaint to a station it does not speak of."""
    policy.require(actor, "jurisdiction.decide", at=at)
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("投诉民警警情由所属分局指定办理单位。", code="other_unit")
    station = check_station(case, to, field="to")
    event = CaseEvent.objects.filter(case=case, kind=KEPT).order_by("-id").first()
    if event is None or case.status != Status.POOL:
        raise Conflict("该警情已指定办理单位或已办结，请刷新后查看。", code="decided")
    if event.data.get("station") == station.code:
        raise Invalid("请选择其他单位。", fields={"to": ["不得交被投诉单位办理。"]})
    case = dispatch_pool(case, station=station, actor=actor, at=at)
    intake.give_kept(case, station)
    return case
