"""管辖争议: raised by the station that holds the case, decided by the bureau in four hours."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from routing.models import JurisdictionDispute
from routing.selectors._approvers import bureau_leaders
from routing.services._transfers import MOVABLE, check_station, transfer

CLOCK = "jurisdiction.decide"


@transaction.atomic
def raise_jurisdiction(
    case: Case, *, proposed: Unit | None, text: str, actor: PostActor, at: datetime
) -> JurisdictionDispute:
    """Say that another station should hold the case; until the bureau decides the first goes on with it."""
    policy.require(actor, "jurisdiction.raise", at=at)
    case = cases.lock(case.pk)
    if case.station is None or actor.post.unit_id != case.station_id:
        raise NoRight("管辖争议由现承办派出所提出。", code="other_unit")
    if case.status not in MOVABLE:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能提出管辖争议。")
    if JurisdictionDispute.objects.filter(case=case, decided_at__isnull=True).exists():
        raise Conflict("本案的管辖争议已提交，正在等待分局裁定。", code="jurisdiction_open")
    if proposed is not None and check_station(case, proposed, field="proposed") == case.station:
        raise Invalid("请选择其他派出所。", fields={"proposed": ["不能选择本所；不确定的可不选。"]})
    need_text(text, "请写明管辖依据和理由。")
    row = JurisdictionDispute.objects.create(
        case=case, first=case.station, proposed=proposed, text=text[:500], raised_at=at,
        raised_by=actor.post, raiser_user=actor.user,
    )  # fmt: skip
    holder = deadlines.Holder(unit_id=case.bureau_id, role=Role.BUREAU)
    deadlines.start(case, row, CLOCK, key="", holder=holder, at=at)
    data = {"unit": proposed.name if proposed else "", "text": text}
    lifecycle.record(case, "jurisdiction.raised", actor=actor, at=at, subject=row, data=data)
    title = f"管辖争议待裁定（4小时内）：{case.case_no}"
    told = [_message(title, post_id=post.pk) for post in bureau_leaders(case, at=at)]
    outbox.notify_many([(message, case.pk) for message in told], at=at)
    return row


@transaction.atomic
def decide_jurisdiction(
    dispute: JurisdictionDispute, *, to: Unit | None, text: str, actor: PostActor, at: datetime
) -> JurisdictionDispute:
    """The bureau's word: the case stays, or goes over with everything that runs."""
    policy.require(actor, "jurisdiction.decide", at=at)
    case = cases.lock(dispute.case_id)
    row = JurisdictionDispute.objects.select_for_update(of=("self",)).get(pk=dispute.pk)
    if row.decided_at is not None:
        raise Conflict("该管辖争议已裁定，请刷新后查看。", code="decided")
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("管辖争议由案件所属分局裁定。", code="other_unit")
    if row.raiser_user_id == actor.user.pk:
        raise NoRight("提出人不能裁定自己提出的管辖争议。", code="own_proposal")
    station = check_station(case, to, field="to")
    need_text(text, "请写明裁定理由。")
    row.decided_to, row.decided_at, row.decided_by = station, at, actor.post
    row.decider_user, row.decision_text = actor.user, text[:500]
    row.save(update_fields=["decided_to", "decided_at", "decided_by", "decider_user", "decision_text"])
    deadlines.meet(row, CLOCK, at=at)
    data = {"unit": station.name, "text": text}
    lifecycle.record(case, "jurisdiction.decided", actor=actor, at=at, subject=row, data=data)
    transfer(case, station, why=text, actor=actor, at=at)
    title = f"管辖已裁定，由{station}承办：{case.case_no}"
    command = Role.STATION_COMMAND
    outbox.notify(_message(title, unit_id=row.first_id, role=command), at=at, case_id=case.pk)
    return row


def end_jurisdiction(case: Case, *, at: datetime) -> None:
    """The case ended undecided: nothing is left to decide."""
    for row in JurisdictionDispute.objects.select_for_update().filter(case=case, decided_at__isnull=True):
        row.decided_at, row.decision_text = at, "案件已结束，无需裁定"
        row.save(update_fields=["decided_at", "decision_text"])
        deadlines.end(row, at=at)


def _message(
    title: str, *, unit_id: int | None = None, role: str = "", post_id: int | None = None
) -> outbox.Message:
    return outbox.Message(
        kind="jurisdiction", title=title, link="/approvals/aside/", urgency="alarm", unit_id=unit_id,
        role=role, post_id=post_id,
    )  # fmt: skip
