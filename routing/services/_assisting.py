"""协助二推送: asked by the leading station, signed and answered by the one where a party is at home."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from routing.models import AssistingPush, Push

S = AssistingPush.Status
SIGN: Final = "assist.sign"
ANSWER: Final = "assist.answer"
TRANSITIONS: Final = Transitions(
    {S.ISSUED: {S.SIGNED, S.WITHDRAWN}, S.SIGNED: {S.ANSWERED, S.WITHDRAWN}},
)
ENDED_WITH_CASE: Final = "案件状态已变化，无需继续协助"
NOW_LEADS: Final = "案件已移交该所主办，无需协助"


@transaction.atomic
def ask_assistance(
    case: Case, *, party: Party, station: Unit, home: str, text: str, actor: PostActor, at: datetime
) -> AssistingPush:
    """Ask a party's home station to help with push 2; this station goes on leading (首接负责).

    Raises Conflict without a push 2 that was sent, or while the same is asked already.
    """
    policy.require(actor, "assist.ask", at=at)
    case = cases.lock(case.pk)
    _check_leads(case, actor)
    if not _second_is_out(case):
        raise Conflict("二推送尚未下发或已终止，请在二推送下发后再请求协助。", code="no_second_push")
    _check_asked(case, party, station, home)
    need_text(text, "请写明请求协助的事项。")
    row = AssistingPush.objects.create(
        case=case, party=party, station=station, home=home, text=text[:500], issued_at=at,
        issued_by=actor.post,
    )  # fmt: skip
    deadlines.start(case, row, SIGN, key="", holder=_room(station.pk), at=at)
    data = {"unit": station.name, "text": text}
    lifecycle.record(case, "assist.asked", actor=actor, at=at, subject=row, data=data)
    _tell(row, "协助二推送待签收（24小时内）", unit_id=station.pk, at=at)
    return row


@transaction.atomic
def sign_assistance(row: AssistingPush, *, actor: PostActor, at: datetime) -> AssistingPush:
    """The home station takes it: from here its answer is due."""
    case, row = _lock(row, actor=actor, at=at)
    _step(row, S.SIGNED, signed_at=at, signed_by=actor.post)
    deadlines.meet(row, SIGN, at=at)
    deadlines.start(case, row, ANSWER, key="", holder=_room(row.station_id), at=at)
    data = {"unit": row.station.name}
    lifecycle.record(case, "assist.signed", actor=actor, at=at, subject=row, data=data)
    _tell(row, "协助二推送已签收", unit_id=case.station_id, post_id=row.issued_by_id, at=at)
    return row


@transaction.atomic
def answer_assistance(row: AssistingPush, *, text: str, actor: PostActor, at: datetime) -> AssistingPush:
    """What the home station found and did; the leading station is told."""
    case, row = _lock(row, actor=actor, at=at)
    need_text(text, "请填写协助情况。")
    _step(row, S.ANSWERED, ended_at=at, answered_by=actor.post, answer=text[:1000])
    deadlines.meet(row, ANSWER, at=at)
    data = {"unit": row.station.name, "text": text}
    lifecycle.record(case, "assist.answered", actor=actor, at=at, subject=row, data=data)
    _tell(row, "协助二推送已反馈", unit_id=case.station_id, post_id=row.issued_by_id, at=at)
    return row


@transaction.atomic
def withdraw_assistance(row: AssistingPush, *, text: str, actor: PostActor, at: datetime) -> AssistingPush:
    """The leading station needs it no more."""
    policy.require(actor, "assist.ask", at=at)
    case = cases.lock(row.case_id)
    _check_leads(case, actor)
    row = _locked(row)
    need_text(text, "请填写撤回原因。")
    _withdraw(case, row, text=text, actor=actor, at=at)
    return row


def end_assistance(case: Case, *, actor: Actor, at: datetime, station: Unit | None = None) -> None:
    """The locked case ended, or went over to `station`, which from now on leads instead of helping."""
    rows = AssistingPush.objects.select_for_update(of=("self",)).select_related("station")
    rows = rows.filter(case=case, status__in=[S.ISSUED, S.SIGNED])
    rows = rows.filter(station=station) if station is not None else rows
    why = ENDED_WITH_CASE if station is None else NOW_LEADS
    for row in rows.order_by("pk"):
        _withdraw(case, row, text=why, actor=actor, at=at)


def _withdraw(case: Case, row: AssistingPush, *, text: str, actor: Actor, at: datetime) -> None:
    _step(row, S.WITHDRAWN, ended_at=at, answer=text[:1000])
    deadlines.end(row, at=at)
    data = {"unit": row.station.name, "text": text}
    lifecycle.record(case, "assist.withdrawn", actor=actor, at=at, subject=row, data=data)
    _tell(row, "协助二推送已撤回，无需办理", unit_id=row.station_id, at=at)


def _check_leads(case: Case, actor: PostActor) -> None:
    if case.station_id is None or case.station_id not in (actor.post.unit_id, actor.unit.parent_id):
        raise NoRight("协助请求由主办派出所发出和撤回。", code="other_unit")


def _check_asked(case: Case, party: Party, station: Unit, home: str) -> None:
    wrong = {}
    if party.case_id != case.pk:
        wrong["party"] = ["请选择本案当事人。"]
    if home not in AssistingPush.Home.values:
        wrong["home"] = ["请选择户籍地或居住地。"]
    if station.kind != UnitKind.STATION or station.bureau_id != case.bureau_id or station == case.station:
        wrong["station"] = ["请选择本局下属的其他派出所；本所继续主办。"]
    if wrong:
        raise Invalid("请补全协助请求。", fields=wrong)
    asked = AssistingPush.objects.filter(case=case, station=station, party=party)
    if asked.filter(status__in=[S.ISSUED, S.SIGNED]).exists():
        raise Conflict("已请该派出所协助此当事人，请等待反馈或先撤回。", code="assisting_open")


def _second_is_out(case: Case) -> bool:
    closed = (Push.Status.QUEUED, Push.Status.ENDED)
    return Push.objects.filter(case=case, tier=Push.Tier.SECOND).exclude(status__in=closed).exists()


def _lock(row: AssistingPush, *, actor: PostActor, at: datetime) -> tuple[Case, AssistingPush]:
    policy.require(actor, "assist.answer", at=at)
    case = cases.lock(row.case_id)
    row = _locked(row)
    if row.station_id not in (actor.post.unit_id, actor.unit.parent_id):
        raise NoRight("由被请求协助的派出所签收和反馈。", code="other_unit")
    return case, row


def _locked(row: AssistingPush) -> AssistingPush:
    rows = AssistingPush.objects.select_for_update(of=("self",)).select_related("station", "case", "party")
    return rows.get(pk=row.pk)


def _step(row: AssistingPush, to: str, **columns: object) -> None:
    TRANSITIONS.check(row.status, to, noun="协助请求", name_of=lambda code: S(code).label)
    row.status = to
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *columns])


def _room(unit_id: int) -> deadlines.Holder:
    return deadlines.Holder(unit_id=unit_id, role=Role.STATION_COMMAND)


def _tell(
    row: AssistingPush, word: str, *, unit_id: int | None, at: datetime, post_id: int | None = None
) -> None:
    """To the command room, and to who asked when he is somebody else."""
    title = f"{word}：{row.case.case_no}"
    message = outbox.Message(
        kind="push.assisting", title=title, link="/assists/", urgency="important", unit_id=unit_id,
        role=Role.STATION_COMMAND,
    )  # fmt: skip
    told = [message] if unit_id else []
    if post_id is not None and row.issued_by.role != Role.STATION_COMMAND:
        told.append(
            outbox.Message(
                kind="push.assisting", title=title, link="/assists/", urgency="important", post_id=post_id
            )
        )
    outbox.notify_many([(one, row.case_id) for one in told], at=at)
