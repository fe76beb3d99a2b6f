"""并入/拆出: an alert joins an earlier case or leaves it again; every alert stays counted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Conflict
from dispute_hub.common.text import need_text
from intake.models import Alert, AttachedHow
from intake.selectors import _repeats as repeats
from intake.services._complaints import refuse_kept
from intake.services._dispatching import facts_in_force
from intake.services._place import Located, locate
from intake.services._receiving import OVER, title_of


@transaction.atomic
def attach(alert: Alert, *, to: Case, actor: PostActor, at: datetime) -> Alert:
    """Give the alert to an earlier case; its own case, left empty, is absorbed there. Undone by `detach`.

    Only the number changes: dispatch, triage and first push of the alert stand (handbook 4).
    """
    policy.require(actor, "alert.attach", at=at)
    alert, own, to = _both_locked(alert, to)
    refuse_kept(alert)
    if own.pk == to.pk:
        raise Conflict("该警情已在这一案件中。")
    if to.status in (Status.ABSORBED, Status.VOID):
        raise Conflict("不能并入该案件，请选择仍在办理或已办结的案件。")
    if own.alerts_count > 1:
        raise Conflict("该警情所在案件已有多起警情，请在案件档案中合并案件。")
    facts = facts_in_force(alert)
    cases.add_alert(to, at=at)
    cases.add_parties(to, facts.everybody, at=at)
    _give(alert, to, former=own, how=AttachedHow.HAND)
    cases.absorb(own, into=to, reason="警情并入", actor=actor, at=at)
    to.refresh_from_db()
    data = {"alert_id": alert.pk, "from": own.case_no}
    event = lifecycle.record(to, "alert.attached", actor=actor, at=at, subject=alert, data=data)
    # The case it joins takes its colour over: triage reads it again there, which can only raise.
    data = {"alert_id": alert.pk, "version": alert.version, "entry": "attached"}
    lifecycle.record(to, "alert.amended", actor=actor, at=at, subject=alert, data=data, cause=event)
    if to.status in OVER:
        cases.reopen(to, actor=actor, at=at, why="alert_attached", cause=event)
    data = {"alert_id": alert.pk, "entry": "repeated"}
    lifecycle.record(to, "alert.repeated", actor=actor, at=at, subject=alert, data=data, cause=event)
    return alert


@transaction.atomic
def detach(alert: Alert, *, reason: str, actor: PostActor, at: datetime) -> Alert:
    """Take an attached alert out again: back to its own case, or to a new one if it never had any."""
    policy.require(actor, "alert.attach", at=at)
    need_text(reason, "请填写拆出理由。", field="reason", hint="请写明为什么不是同一起纠纷。")
    alert, joined, former = _locked(alert, alert.former_case)
    if not alert.attached_how:
        raise Conflict("该警情是案件的首起警情，不能拆出。")
    if former is not None and former.pk != joined.pk:
        cases.split_off(former, reason=reason, actor=actor, at=at)
        own = cases.lock(former.pk)
    else:
        own = _own_case(alert, at=at)
    _give(alert, own, former=None, how=AttachedHow.FIRST)
    joined.alerts_count -= 1
    joined.last_alert_at = Alert.objects.filter(case=joined).aggregate(last=Max("stored_at"))["last"] or at
    joined.updated_at = at
    joined.save(update_fields=["alerts_count", "last_alert_at", "updated_at"])
    data = {"alert_id": alert.pk, "to": own.case_no, "reason": reason}
    lifecycle.record(joined, "alert.detached", actor=actor, at=at, subject=alert, data=data)
    if former is None:
        said = {"alert_id": alert.pk}
        lifecycle.record(own, "alert.received", actor=actor, at=at, subject=alert, data=said)
    return alert


def _both_locked(alert: Alert, other: Case) -> tuple[Alert, Case, Case]:
    alert, own, locked = _locked(alert, other)
    return alert, own, locked or other


def _locked(alert: Alert, other: Case | None) -> tuple[Alert, Case, Case | None]:
    """Both cases locked in id order, then the alert as it is now."""
    wanted = sorted({alert.case_id} | ({other.pk} if other else set()))
    locked = {pk: cases.lock(pk) for pk in wanted}
    fresh = Alert.objects.select_related("source").get(pk=alert.pk)
    if fresh.case_id != alert.case_id:
        raise Conflict("该警情刚被他人并入或拆出，请刷新后核对。")
    return fresh, locked[fresh.case_id], locked[other.pk] if other else None


def _give(alert: Alert, case: Case, *, former: Case | None, how: str) -> None:
    alert.case, alert.former_case, alert.attached_how = case, former, how
    alert.save(update_fields=["case", "former_case", "attached_how"])


def _own_case(alert: Alert, *, at: datetime) -> Case:
    facts = facts_in_force(alert)
    located: Located = locate(facts, alert.source)
    opening = cases.Opening(
        status=alert.source.opens_as if located.place.station else Status.POOL,
        source=alert.source.kind,
        title=title_of(facts),
        place=located.place,
        narrative=facts.narrative,
        parties=facts.everybody,
    )
    return cases.open_case(opening, at=at)


def may_join(alert: Alert, *, received_at: datetime) -> list[Case]:
    """Cases one key attaches the alert to: those of the same people within 90 days, newest first."""
    keys = repeats.keys_of(facts_in_force(alert).everybody)
    found: dict[int, Case] = {}
    for one in repeats.same_people(keys, received_at=received_at, but=alert.pk):
        if one.case_id != alert.case_id and one.case.status not in (Status.ABSORBED, Status.VOID):
            found.setdefault(one.case_id, one.case)
    return list(found.values())
