"""Questions of the desk: open calls, whom to send, what came before."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import day_bounds
from intake.message import facts_of
from intake.models import Alert, AlertVersion, DeskDraft, Source
from intake.selectors._lists import Earlier, alerts_visible_to, earlier_alerts


def open_calls(actor: PostActor) -> list[DeskDraft]:
    """The calls this post has open, in the order they came."""
    drafts = DeskDraft.objects.filter(post=actor.post, closed_at__isnull=True).select_related("alert")
    return list(drafts.order_by("opened_at", "id"))


def call_at(key: str, *, actor: PostActor) -> tuple[uuid.UUID, DeskDraft | None] | None:
    """The call behind a key in an address, with its draft once something was typed.

    None for what is no key, and for a call that is over or somebody else's: it is not opened again.
    """
    try:
        found = uuid.UUID(key)
    except ValueError:
        return None
    draft = DeskDraft.objects.filter(key=found).first()
    if draft is not None and (draft.closed_at is not None or draft.post_id != actor.post.pk):
        return None
    return found, draft


def stations_of(actor: PostActor) -> list[Unit]:
    """The stations a desk may send to: those of its own county."""
    bureau_id = actor.unit.bureau_id or actor.unit.pk
    return list(Unit.objects.filter(kind=UnitKind.STATION, bureau=bureau_id, is_active=True).order_by("code"))


def has_machine(actor: PostActor) -> bool:
    """Whether a 110 system sends to this centre: then nothing is typed twice (伴随模式)."""
    return Source.objects.filter(reception=actor.unit, is_active=True).exclude(secret="").exists()


def earlier_of(alert: Alert, *, actor: PostActor, at: datetime) -> list[Earlier]:
    """Earlier alerts of the same people or address, as they stood when this one came."""
    version = AlertVersion.objects.filter(alert=alert, number=alert.version).first()
    if version is None:
        return []
    facts = facts_of(version.content, alert_no=alert.alert_no, version=version.number)
    return earlier_alerts(facts, actor=actor, at=at, received_at=alert.received_at, but=alert.pk)


def case_to_attach(case_no: str, *, actor: PostActor, at: datetime) -> Case | None:
    """As `case_of_attaching`; None for no number: the call joins nothing."""
    return case_of_attaching(case_no, actor=actor, at=at) if case_no else None


def case_of_attaching(case_no: str, *, actor: PostActor, at: datetime) -> Case:
    """The case an alert may be attached to: one with an alert in sight; OutOfScope (404) otherwise."""
    cases: QuerySet[Case] = Case.objects.exclude(status__in=[Status.ABSORBED, Status.VOID])
    reach = alerts_visible_to(actor, at=at).values("case_id")
    case = cases.filter(case_no=case_no, pk__in=reach).first()
    if case is None:
        raise OutOfScope("没有找到可并入的案件，请从右侧列表中选择。")
    return case


def alerts_of_day(actor: PostActor, *, on: date, at: datetime) -> QuerySet[Alert]:
    """The alerts of one Beijing day in sight of this post, newest first, ready for a list."""
    start, end = day_bounds(on)
    alerts = alerts_visible_to(actor, at=at).filter(received_at__gte=start, received_at__lt=end)
    return alerts.select_related("source", "case", "station").order_by("-received_at", "-id")
