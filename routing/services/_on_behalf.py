"""代签、代录: what the station records for an officer counts at once and is confirmed by him (handbook 4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.outbox import services as outbox
from routing.models import OnBehalf, Push

CLOCK = "push_first.confirm"
PAGE = "/pushes/on-behalf/"


def note(
    case: Case, push: Push, act: str, *, for_post: Post, how: str, actor: PostActor, at: datetime
) -> OnBehalf | None:
    """Keep that the station recorded `act` for an officer, start his clock to confirm it, and tell him.

    `how` is radio or phone; the radio is meant where nobody said. The clock ends with his turn of duty,
    without a roster at the next 08:30. Who records for another post of his own needs nobody's word: None.
    """
    if how and how not in Push.How.values:
        raise Invalid("请注明对方以何种方式确认。", fields={"how": ["请选择电台或电话。"]})
    if for_post.user_id == actor.user.pk:
        return None
    row = OnBehalf.objects.create(
        push=push, act=act, how=how or Push.How.RADIO, for_post=for_post, by_post=actor.post, at=at
    )
    holder = deadlines.Holder(unit_id=for_post.unit_id, post_id=for_post.pk, role=for_post.role)
    deadlines.start(case, row, CLOCK, key="", holder=holder, at=at, due_at=_turn_ends_at(for_post, at))
    message = outbox.Message(
        kind="push.recorded_on_behalf",
        title=f"{case.case_no} 综合指挥室已代您记录“{row.get_act_display()}”，请在下班前确认",
        link=PAGE,
        post_id=for_post.pk,
    )
    outbox.notify(message, at=at, case_id=case.pk)
    return row


def _turn_ends_at(post: Post, at: datetime) -> datetime | None:
    turns = DutyRoster.objects.filter(post=post, starts_at__lte=at, ends_at__gt=at).order_by("-ends_at")
    return turns.values_list("ends_at", flat=True).first()


@transaction.atomic
def confirm_on_behalf(row: OnBehalf, *, actor: PostActor, at: datetime, objection: str = "") -> OnBehalf:
    """The officer says that a record in his name is right, or with `objection` what is not.

    Nothing is undone by an objection: the command room and the chief are told and put it right. Confirming
    again changes nothing. Raises NoRight for anybody else's record.
    """
    policy.require(actor, "push.confirm_on_behalf", at=at)
    case = cases.lock(row.push.case_id)
    row = OnBehalf.objects.select_related("push").get(pk=row.pk)
    if row.for_post_id != actor.post.pk:
        raise NoRight("该记录须由被代签的民警本人确认。")
    if row.confirmed_at is not None:
        return row
    row.confirmed_at, row.objection = at, objection.strip()
    row.save(update_fields=["confirmed_at", "objection"])
    deadlines.meet(row, CLOCK, at=at)
    data = {"act": row.act, "objected": bool(row.objection)}
    lifecycle.record(case, "push.confirmed", actor=actor, at=at, subject=row.push, data=data)
    if row.objection:
        _tell_objection(case, row, actor, at=at)
    return row


def _tell_objection(case: Case, row: OnBehalf, actor: PostActor, *, at: datetime) -> None:
    unit_id = case.station_id or row.push.addressee_unit_id
    told = [
        outbox.Message(
            kind="push.objected",
            title=f"{case.case_no} 代录的“{row.get_act_display()}”有异议，请核对",
            body=f"{actor.user.full_name}：{row.objection}",
            link=f"/pushes/{row.push_id}/",
            urgency="important",
            unit_id=unit_id,
            role=role,
        )
        for role in (Role.STATION_COMMAND, Role.STATION_CHIEF)
    ]
    outbox.notify_many([(message, case.pk) for message in told], at=at)
