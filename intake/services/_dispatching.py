"""What happens to an alert after it came in: dispatched, spoken of again, answered for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases import services as cases
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.text import need_text
from dispute_hub.common.time import beijing_date
from intake.message import NARRATIVE_LENGTH, AlertFacts, facts_of
from intake.models import Alert, AlertVersion, DispatchStatus
from intake.services._complaints import refuse_kept
from intake.services._receiving import amend

D = DispatchStatus
# handbook 4. Named officers may sign before the desk marks the dispatch; a clue may still be dispatched.
TRANSITIONS = Transitions(
    {
        D.AWAITING: {D.DISPATCHED, D.SIGNED, D.ARRIVED, D.REPORTED, D.NONE},
        D.DISPATCHED: {D.AWAITING, D.SIGNED, D.ARRIVED, D.REPORTED, D.NONE},
        D.SIGNED: {D.DISPATCHED, D.ARRIVED, D.REPORTED},
        D.ARRIVED: {D.REPORTED},
        D.REPORTED: {D.DISPATCHED},
        D.NONE: {D.AWAITING, D.DISPATCHED},
    }
)


def set_dispatch(alert: Alert, status: str, *, at: datetime) -> None:
    """Note how far the dispatch of an alert is; for the stage that pushes, under the case's lock.

    Raises Conflict when the table does not allow the change. The same status again changes nothing.
    """
    if alert.dispatch_status == status:
        return
    TRANSITIONS.check(alert.dispatch_status, status, noun="警情", name_of=lambda code: D(code).label)
    alert.dispatch_status = status
    alert.save(update_fields=["dispatch_status"])


def record_outcome(alert: Alert, *, outcome: str, text: str, confirmed_item: str, at: datetime) -> None:
    """Note what the officers found; stated and confirmed nature are both kept (handbook 5)."""
    alert.outcome, alert.outcome_text, alert.outcome_at = outcome, text, at
    alert.confirmed_item = confirmed_item or alert.confirmed_item
    columns = ["outcome", "outcome_text", "outcome_at", "confirmed_item"]
    alert.save(update_fields=columns)
    set_dispatch(alert, D.REPORTED, at=at)


def facts_in_force(alert: Alert) -> AlertFacts:
    """The facts of the version that holds now."""
    version = AlertVersion.objects.get(alert=alert, number=alert.version)
    return facts_of(version.content, alert_no=alert.alert_no, version=version.number)


def _locked(alert: Alert) -> Alert:
    case = cases.lock(alert.case_id)
    alert = Alert.objects.select_related("source").get(pk=alert.pk)
    alert.case = case
    return alert


@transaction.atomic
def add_text(alert: Alert, *, text: str, actor: PostActor, at: datetime) -> Alert:
    """续报: what was learned later goes to the crew as the next version; the first words stay."""
    policy.require(actor, "alert.log", at=at)
    return append_text(alert, text=text, actor=actor, at=at)


@transaction.atomic
def append_text(alert: Alert, *, text: str, actor: PostActor, at: datetime) -> Alert:
    """`add_text` for services that have checked their own right: the crew tells from the scene."""
    text = text.strip()
    need_text(text, "请填写续报内容。", hint="请写明新情况，例如人数、有无刀械、双方是否还在。")
    alert = _locked(alert)
    facts = facts_in_force(alert)
    narrative = f"{facts.narrative}\n{text}".strip()
    if len(narrative) > NARRATIVE_LENGTH:
        raise Invalid("警情内容过长。", fields={"text": [f"全部内容最多 {NARRATIVE_LENGTH} 字，请精简。"]})
    facts = replace(facts, narrative=narrative, version=alert.version + 1)
    amend(alert, alert.case, facts, actor=actor, at=at, added_text=text)
    return alert


@transaction.atomic
def correct_alert(alert: Alert, facts: AlertFacts, *, actor: PostActor, at: datetime) -> Alert:
    """更正: the whole form again, as the next version; an unchanged form makes none."""
    policy.require(actor, "alert.log", at=at)
    alert = _locked(alert)
    held = facts_in_force(alert)
    facts = replace(facts, alert_no=alert.alert_no, version=alert.version + 1, received_at=held.received_at)
    if facts.content_hash() == held.content_hash():
        return alert
    added = facts.narrative.removeprefix(held.narrative).strip()
    amend(alert, alert.case, facts, actor=actor, at=at, added_text=added)
    return alert


@transaction.atomic
def dispatch(alert: Alert, *, station: Unit, actor: PostActor, at: datetime) -> Alert:
    """派警: give an alert that waits to a station; triage and the first push follow the new version."""
    policy.require(actor, "alert.dispatch", at=at)
    if station.kind != UnitKind.STATION or not station.is_active:
        raise Invalid("请选择派出所。", fields={"station": ["只能派往在用的派出所。"]})
    alert = _locked(alert)
    refuse_kept(alert)
    if alert.dispatch_status in (D.SIGNED, D.ARRIVED, D.REPORTED):
        raise Conflict("该警情已有民警签收，如需增援请联系派出所综合指挥室。")
    if alert.dispatch_status == D.NONE:
        set_dispatch(alert, D.AWAITING, at=at)
    facts = facts_in_force(alert)
    facts = replace(facts, station=station.code, version=alert.version + 1)
    words = f"{beijing_date(at):%m-%d} 派往{station}"
    amend(alert, alert.case, facts, actor=actor, at=at, added_text=words)
    return alert
