"""Stricter limits of a unit: proposed for it by one person, brought into force by another at the bureau."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.audit import services as audit
from dispute_hub.cases import clock_bounds, clock_recount, clock_table, in_force
from dispute_hub.cases.models import Recount, UnitLimit
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox

Status = UnitLimit.Status
# A limit is stricter when it ends no later whenever it starts: tried over these days, morning and evening.
TRIED_OVER = timedelta(days=60)
TRIED_EVERY = timedelta(hours=11)


@transaction.atomic
def propose_unit_limit(
    unit: Unit, *, kind: str, key: str, limit: str, reason: str, actor: PostActor, at: datetime
) -> UnitLimit:
    """Ask for a stricter limit of one clock at a station; "" asks for the table's to hold again.

    Raises Invalid at `limit` when it is not stricter, Conflict while another proposal waits.
    """
    policy.require(actor, "unit_limits.propose", at=at)
    _in_charge(unit, actor)
    need_text(reason, "请填写理由。", field="reason")
    # The unit, not its limits: two first proposals would find no row to lock.
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    known = UnitLimit.objects.filter(unit=unit, kind=kind, key=key)
    if known.filter(status=Status.PROPOSED).exists():
        raise Conflict("该时限已有一份待审批的申请。", code="limit_pending")
    _check(kind, key, limit, now=clock_table.unit_limit(unit.pk, kind, key), at=at)
    row = UnitLimit.objects.create(
        unit=unit, kind=kind, key=key, limit=limit, reason=reason, proposer=actor.user, proposed_at=at,
        version=(known.aggregate(last=Max("version"))["last"] or 0) + 1,
    )  # fmt: skip
    _trace("propose", row, actor, at)
    if unit.bureau_id is not None:
        name = clock_table.name_of(kind)
        message = outbox.Message(
            kind="unit_limit.proposed", title=f"{unit}申请调整本所时限：{name}", link="/clock-table/units/",
            unit_id=unit.bureau_id, role=Role.BUREAU,
        )  # fmt: skip
        outbox.notify(message, at=at, case_id=None)
    return row


@transaction.atomic
def decide_unit_limit(
    proposed: UnitLimit, *, approved: bool, text: str, actor: PostActor, at: datetime
) -> UnitLimit:
    """The second person; approval takes the place of the former version and open clocks are recounted."""
    policy.require(actor, "unit_limits.approve", at=at)
    row = UnitLimit.objects.select_for_update(of=("self",)).select_related("unit").get(pk=proposed.pk)
    _in_charge(row.unit, actor)
    if row.status != Status.PROPOSED:
        raise Conflict("该申请已审批。", code="already_decided")
    if row.proposer_id == actor.user.pk:
        raise NoRight("申请人不能审批自己的申请，请另一位同事审批。", code="own_proposal")
    if not approved:
        need_text(text, "请填写不同意的理由。", field="text")
    if approved:
        former = UnitLimit.objects.filter(unit=row.unit, kind=row.kind, key=row.key, status=Status.ACTIVE)
        former.update(status=Status.RETIRED)
    row.status = Status.ACTIVE if approved else Status.REFUSED
    row.approver, row.decided_at, row.answer = actor.user, at, text
    row.save(update_fields=["status", "approver", "decided_at", "answer"])
    _trace("approve" if approved else "refuse", row, actor, at)
    if approved:
        transaction.on_commit(in_force.reload)
        clock_recount.request(Recount.Cause.TABLE, f"{row.unit}时限第{row.version}版生效"[:100], at=at)
    return row


def _in_charge(unit: Unit, actor: PostActor) -> None:
    """A chief for his own station, the bureau for those below it."""
    mine = actor.unit.pk == unit.pk or (actor.role == Role.BUREAU and unit.bureau_id == actor.unit.pk)
    if unit.kind != UnitKind.STATION or not mine:
        raise OutOfScope("没有找到该单位，或不在当前岗位的管理范围内。")


def _check(kind: str, key: str, limit: str, *, now: str, at: datetime) -> None:
    tabled = clock_table.limit_of(kind, key)
    if not tabled:
        raise Invalid(fields={"clock": ["时限表没有这一项。"]}, code="limit_unknown")
    if limit == now:
        raise Invalid(fields={"limit": ["与现行时限一致，无需申请。"]}, code="nothing_changed")
    if not limit:
        return
    safety = clock_table.is_safety(kind, key)
    try:
        clock_bounds.check(kind, key, limit, safety=safety)
    except Invalid as refusal:
        raise Invalid(fields={"limit": refusal.fields[key]}, code="limit_invalid") from refusal
    if not is_stricter(limit, tabled, safety=safety, at=at):
        raise Invalid(fields={"limit": ["只能严于全市时限表。"]}, code="not_stricter")


def is_stricter(limit: str, than: str, *, safety: bool, at: datetime) -> bool:
    """Whether a limit ends no later than another whenever both start, and sometimes earlier."""
    starts = [at + TRIED_EVERY * number for number in range(TRIED_OVER // TRIED_EVERY)]
    ends = [
        (clock_table.due_at(one, limit, safety=safety), clock_table.due_at(one, than, safety=safety))
        for one in starts
    ]
    return all(own <= tabled for own, tabled in ends) and any(own < tabled for own, tabled in ends)


def _trace(act: str, row: UnitLimit, actor: PostActor, at: datetime, **said: Any) -> None:
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, post_id=actor.post.pk, unit_id=actor.unit.pk, at=at,
        object_kind="unit_limit", object_id=row.pk,
        data={"act": act, "unit": row.unit_id, "clock": row.kind, "key": row.key, "limit": row.limit, **said},
    )  # fmt: skip
