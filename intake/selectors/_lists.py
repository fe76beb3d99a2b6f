"""Questions about alerts: which this post may see, what came before, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import QuerySet

from dispute_hub.accounts.actor import Actor, PostActor, SystemActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.selectors import BY_GRANT, SCOPE_COLUMN, granted_case_ids, kept_away
from dispute_hub.common.errors import Invalid, OutOfScope
from dispute_hub.common.text import normalise_address, similarity
from dispute_hub.common.time import day_bounds
from intake.message import AlertFacts, alert_no_key, facts_of
from intake.models import Alert, AlertVersion, Quarantine, Source
from intake.selectors import _repeats as repeats

# Which column of an alert a role's own unit is compared with.
ALERT_COLUMN: Final[dict[str, str]] = {
    Role.DISPATCHER: "reception_id",
    Role.DUTY_COMMANDER: "reception_id",
    Role.STATION_COMMAND: "station_id",
    Role.STATION_CHIEF: "station_id",
    Role.BUREAU: "bureau_id",
}


@dataclass(frozen=True, slots=True)
class PriorAlert:
    """An earlier alert of the same people as triage counts it."""

    received_at: datetime
    narrative: str
    outcome: str
    same_event: bool
    alert_id: int = 0
    outcome_at: datetime | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier alert as the desk shows it while the call goes on; `why`: phone, address or people."""

    alert: Alert
    why: str
    same_event: bool
    similarity: float
    is_return: bool


def alerts_visible_to(actor: Actor, *, at: datetime) -> QuerySet[Alert]:
    """The alerts this post may see: of its own centre, station or bureau, and of cases granted to it."""
    if isinstance(actor, SystemActor):
        return Alert.objects.all()
    if not isinstance(actor, PostActor):
        return Alert.objects.none()
    return _within(actor, at).exclude(case__in=kept_away(actor))


def _within(actor: PostActor, at: datetime) -> QuerySet[Alert]:
    within = Alert.objects.none()
    column = ALERT_COLUMN.get(Role(actor.role))
    if column:
        return Alert.objects.filter(**{column: actor.post.unit_id})
    if actor.role in BY_GRANT:
        within = Alert.objects.filter(case__in=granted_case_ids(actor, at=at))
        case_column = SCOPE_COLUMN.get(Role(actor.role))
        if case_column:
            within |= Alert.objects.filter(**{f"case__{case_column}": actor.post.unit_id})
    return within


def get_alert(actor: Actor, alert_no: str, *, at: datetime) -> Alert:
    """One alert by its number; OutOfScope (404) when unknown or out of reach, alike."""
    alerts = alerts_visible_to(actor, at=at).select_related(
        "source", "case", "former_case", "station", "grid", "street", "reception", "bureau"
    )
    alert = alerts.filter(alert_no_key=alert_no_key(alert_no)).order_by("-received_at", "-id").first()
    if alert is None:
        raise OutOfScope("没有找到该警情，或不在当前岗位的查看范围内。")
    return alert


def versions_of(alert: Alert) -> QuerySet[AlertVersion]:
    """Every version as it came, in the order of their numbers."""
    return AlertVersion.objects.filter(alert=alert).defer("content").order_by("number")


def priors_of(alert: Alert) -> list[PriorAlert]:
    """Alerts of the 90 days before, of the same case or the same people, newest first."""
    found = alert.earlier if alert.earlier is not None else _earlier_of(alert)
    return [prior_of(one, alert) for one in found]


def prior_of(one: Alert, alert: Alert) -> PriorAlert:
    """An earlier alert as triage counts it beside `alert`; no query."""
    return PriorAlert(
        received_at=one.received_at,
        narrative=one.narrative,
        outcome=one.outcome or "none",
        same_event=repeats.is_same_event(one, address_key=alert.address_key, received_at=alert.received_at),
        alert_id=one.pk,
        outcome_at=one.outcome_at,
        is_return=repeats.is_return(one, alert.received_at),
    )


def repeats_of(alert: Alert) -> repeats.Repeats:
    """How many alerts these people made in 30 and 90 days, this one included."""
    return repeats.count(priors_of(alert), received_at=alert.received_at)


def _earlier_of(alert: Alert) -> list[Alert]:
    version = AlertVersion.objects.filter(alert=alert, number=alert.version).first()
    keys = keys_of_version(version, alert) if version is not None else repeats.Keys()
    return repeats.same_people(keys, received_at=alert.received_at, but=alert.pk, case_id=alert.case_id)


def keys_of_version(version: AlertVersion, alert: Alert) -> repeats.Keys:
    """By what the people are recognised whom this version of the alert names."""
    facts = facts_of(version.content, alert_no=alert.alert_no, version=version.number)
    return repeats.keys_of(facts.everybody)


def earlier_alerts(
    facts: AlertFacts,
    *,
    actor: PostActor,
    at: datetime,
    received_at: datetime | None = None,
    but: int | None = None,
) -> list[Earlier]:
    """What the desk shows while somebody calls: the same people, the same address, near-same words.

    The 90 days before `received_at` (now, while it is being typed), newest first, at most ten; what
    lies beyond the viewer's own reach is left out.
    """
    moment = received_at or at
    keys = repeats.keys_of(facts.everybody)
    found = {one.pk: (one, "people") for one in repeats.same_people(keys, received_at=moment, but=but)}
    key = normalise_address(facts.address)[:100]
    for one in _at_address(key, before=moment, but=but):
        found.setdefault(one.pk, (one, "address"))
    visible = set(
        alerts_visible_to(actor, at=at).filter(pk__in=found).values_list("pk", flat=True) if found else ()
    )
    rows = [
        Earlier(
            alert=one,
            why=why,
            same_event=repeats.is_same_event(one, address_key=key, received_at=moment),
            similarity=similarity(one.narrative[:500], facts.narrative[:500]),
            is_return=repeats.is_return(one, moment),
        )
        for one, why in found.values()
        if one.pk in visible
    ]
    return sorted(rows, key=lambda row: row.alert.received_at, reverse=True)[:10]


def _at_address(key: str, *, before: datetime, but: int | None) -> list[Alert]:
    # Three characters are a village at best; the whole of it is no address.
    if len(key) < 4:
        return []
    since = before - repeats.REPEAT_WITHIN
    alerts = Alert.objects.filter(address_key=key, received_at__gte=since, received_at__lte=before)
    alerts = alerts.exclude(pk=but) if but is not None else alerts
    return list(alerts.select_related("case").order_by("-received_at", "-id")[:20])


def quarantined_visible_to(actor: PostActor) -> QuerySet[Quarantine]:
    """Set-aside messages in reach, newest first: a station's own, else those of the county.

    One that names no station is for the 110 duty commander and the bureau alone: its body is not masked.
    """
    own = {"station_id": actor.post.unit_id}
    county = {"bureau_id": actor.unit.bureau_id or actor.unit.pk}
    scope = own if actor.role == Role.STATION_COMMAND else county
    rows = Quarantine.objects.filter(**scope).select_related("source", "alert", "resolved_by__user")
    return rows.order_by("-created_at", "-id")


def source_by_code(code: str) -> Source | None:
    """The active sender behind a code, with the centre it speaks for."""
    found: Source | None = (
        Source.objects.filter(code=code, is_active=True).select_related("reception", "bureau").first()
    )
    return found


def live_secrets(source: Source | None) -> tuple[str, ...]:
    """The secrets a sender may sign with now, the newest first; nobody's for no source."""
    if source is None:
        return ()
    return tuple(secret for secret in (source.secret, source.former_secret) if secret)


def get_quarantined(actor: PostActor, pk: int) -> Quarantine:
    """One set-aside message of the actor's county; OutOfScope (404) otherwise."""
    entry = quarantined_visible_to(actor).filter(pk=pk).first()
    if entry is None:
        raise OutOfScope("没有找到该报文，或不在当前岗位的查看范围内。")
    return entry


def filter_alerts(alerts: QuerySet[Alert], *, dispatch: str, colour: str, on: str) -> QuerySet[Alert]:
    """Alerts narrowed by dispatch status, the case's colour and a Beijing day (ISO); "" is no filter.

    Raises Invalid (400) for a day that does not exist.
    """
    alerts = alerts.select_related("source", "case", "station")
    if dispatch:
        alerts = alerts.filter(dispatch_status=dispatch)
    if colour:
        alerts = alerts.filter(case__colour=colour)
    if on:
        try:
            start, end = day_bounds(date.fromisoformat(on))
        except (ValueError, OverflowError) as error:
            raise Invalid("日期有误，请按 2026-01-31 的样式填写。", code="bad_date", status=400) from error
        alerts = alerts.filter(received_at__gte=start, received_at__lt=end)
    return alerts
