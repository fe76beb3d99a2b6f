"""An alert is received: placed, stored with its version, given to a case, and what follows is set off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor
from dispute_hub.cases import lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.common.masks import redact
from intake.message import AlertFacts, alert_no_key
from intake.models import Alert, AlertVersion, AttachedHow, DispatchStatus, Source
from intake.selectors import _repeats as repeats
from intake.services._columns import class_of, columns_of
from intake.services._complaints import as_kept, is_kept
from intake.services._place import Located, locate, put

# reliability 24: a late arrival is taken and marked.
LATE_AFTER = timedelta(minutes=30)
OVER = (Status.SETTLED, Status.CLOSED)
Classify = Callable[[AlertFacts], str]
SET_ASIDE = (Status.NOT_DISPUTE, Status.VOID)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: created, amended, kept (late lower version), same, or conflict."""

    alert: Alert
    case: Case
    became: str
    repeats: repeats.Repeats | None = None


@transaction.atomic
def receive(message: AlertFacts, *, source: Source, actor: Actor, at: datetime) -> Receipt:
    """Store one version of one alert and set off what follows it (handbook 4, 5).

    A new number becomes an alert on a new case, or on an earlier one by the rule of automatic
    attachment; a higher version amends, a lower one is kept and not applied. A known version with
    other content changes nothing and says `conflict`. Raises ForeignCounty for a machine's alert of
    another county; a doubtful field never refuses.
    """
    policy.require(actor, "alert.log", at=at)
    return take_in(message, source=source, actor=actor, at=at)


def take_in(
    message: AlertFacts,
    *,
    source: Source,
    actor: Actor,
    at: datetime,
    joins: Case | None = None,
    classify: Classify | None = None,
) -> Receipt:
    """`receive` for services that have checked their own right; `joins` is a case chosen by a person.

    `classify` tells the class of a message without one, when attachment depends on it.
    """
    if not alert_no_key(message.alert_no):
        message = replace(message, alert_no=numbers.issue("alert", at))
    keys = repeats.keys_of(message.everybody)
    _take_turns(source, message, keys)
    known = (
        Alert.objects.select_related("source")
        .filter(source=source, alert_no_key=alert_no_key(message.alert_no))
        .first()
    )
    if known is not None:
        return _another_version(known, message, actor=actor, at=at)
    return _first_version(message, keys, joins, source=source, actor=actor, at=at, classify=classify)


def _take_turns(source: Source, message: AlertFacts, keys: repeats.Keys) -> None:
    """Wait for others with the same number or people: two calls of one moment must see each other."""
    names = [f"alert:{source.pk}:{alert_no_key(message.alert_no)}"]
    names += sorted(f"person:{key.hex()}" for key in (*keys.phones, *keys.id_numbers))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name", [names]
        )


def _first_version(
    message: AlertFacts,
    keys: repeats.Keys,
    joins: Case | None,
    *,
    source: Source,
    actor: Actor,
    at: datetime,
    classify: Classify | None,
) -> Receipt:
    located = locate(message, source)
    case, joined, earlier = _case_of(message, keys, located, joins, source=source, at=at, classify=classify)
    alert = Alert(
        source=source, case=case, stored_at=at, reception=source.reception, alert_no=message.alert_no,
        alert_no_key=alert_no_key(message.alert_no), received_at=message.received_at,
        is_late=at - message.received_at > LATE_AFTER, version=message.version,
        attached_how=_how(joins, joined),
        dispatch_status=(
            DispatchStatus.AWAITING if source.opens_as == Status.SCENE else DispatchStatus.NONE
        ),
        **columns_of(message, located, at=at),
    )  # fmt: skip
    alert.save(force_insert=True)
    alert.earlier = earlier
    _keep_version(alert, message, is_applied=True, author=actor.label, at=at)
    said: dict[str, Any] = {"alert_id": alert.pk}
    event = lifecycle.record(case, "alert.received", actor=actor, at=at, subject=alert, data=said)
    _reopen(case, source, event, actor=actor, at=at)
    if _is_repeated(alert, earlier):
        said = {**said, "entry": "repeated"}
        lifecycle.record(case, "alert.repeated", actor=actor, at=at, subject=alert, data=said, cause=event)
    counts = repeats.count(earlier, received_at=alert.received_at)
    return Receipt(alert, case, "created", counts)


def _case_of(
    message: AlertFacts,
    keys: repeats.Keys,
    located: Located,
    chosen: Case | None,
    *,
    source: Source,
    at: datetime,
    classify: Classify | None,
) -> tuple[Case, Case | None, list[Alert]]:
    """The locked case of a new alert, the earlier case it joins (if any), and what came before."""

    def item_class() -> str:
        return class_of(replace(message, item_class=classify(message)) if classify else message)

    received_at = message.received_at
    earlier = repeats.same_people(keys, received_at=received_at)
    joined = chosen or repeats.attachable_to(
        earlier, address=message.address, item_class=item_class, received_at=received_at
    )
    if joined is None:
        return _open(message, located, source, at=at), None, earlier
    case = _join(joined, message, at=at)
    # Asked again under the case's lock: what its crew reported while we waited for it counts.
    return case, joined, repeats.same_people(keys, received_at=received_at, case_id=case.pk)


def _how(chosen: Case | None, joined: Case | None) -> str:
    if chosen is not None:
        return AttachedHow.HAND
    return AttachedHow.AUTO if joined is not None else AttachedHow.FIRST


def _is_repeated(alert: Alert, earlier: list[Alert]) -> bool:
    """The second alert within 90 days; further calls about the event at hand do not count."""
    return any(
        not repeats.is_same_event(one, address_key=alert.address_key, received_at=alert.received_at)
        for one in earlier
    )


def _join(case: Case, message: AlertFacts, *, at: datetime) -> Case:
    case = cases.lock(case.pk)
    cases.add_alert(case, at=at)
    cases.add_parties(case, message.everybody, at=at)
    return case


def _open(message: AlertFacts, located: Located, source: Source, *, at: datetime) -> Case:
    status = source.opens_as if located.place.station else Status.POOL
    opening = cases.Opening(
        status=status,
        source=source.kind,
        title=title_of(message),
        place=located.place,
        narrative=message.narrative,
        parties=message.everybody,
    )
    return cases.open_case(opening, at=at)


def title_of(message: AlertFacts) -> str:
    """One line that says what it is about, without numbers of persons."""
    first = message.narrative.split("。")[0].split("\n")[0].strip()
    return redact(first)[:60] or message.stated_item[:60] or f"{message.address[:40]}警情"


def _reopen(case: Case, source: Source, event: CaseEvent, *, actor: Actor, at: datetime) -> None:
    """A new alert takes a settlement, or the word that it was nothing, back (handbook 4)."""
    if case.status in OVER:
        cases.reopen(case, actor=actor, at=at, why="new_alert", cause=event)
    elif case.status in SET_ASIDE:
        to = Status.SCENE if source.opens_as == Status.SCENE else Status.TRACKING
        data = {"entry": "reopened", "why": "new_alert"}
        lifecycle.move(case, to, actor=actor, at=at, cause=event, data=data)


def _keep_version(
    alert: Alert, message: AlertFacts, *, is_applied: bool, author: str, at: datetime, added_text: str = ""
) -> None:
    AlertVersion.objects.create(
        alert=alert,
        number=message.version,
        content=message.content(),
        content_hash=message.content_hash(),
        added_text=added_text,
        is_applied=is_applied,
        received_at=message.received_at,
        stored_at=at,
        author=author[:160],
    )


def _another_version(known: Alert, message: AlertFacts, *, actor: Actor, at: datetime) -> Receipt:
    case = cases.lock(known.case_id)
    alert = Alert.objects.select_related("source").get(pk=known.pk)
    stored = AlertVersion.objects.filter(alert=alert, number=message.version).first()
    if stored is not None:
        same = bytes(stored.content_hash) == message.content_hash()
        return Receipt(alert, case, "same" if same else "conflict")
    if message.version < alert.version:
        keep_unapplied(alert, case, message, actor=actor, at=at)
        return Receipt(alert, case, "kept")
    amend(alert, case, message, actor=actor, at=at)
    return Receipt(alert, case, "amended")


def keep_unapplied(alert: Alert, case: Case, message: AlertFacts, *, actor: Actor, at: datetime) -> None:
    """A lower version that came late: kept, its people added, nothing overwritten."""
    _keep_version(alert, message, is_applied=False, author=actor.label, at=at)
    cases.add_parties(case, message.everybody, at=at)
    _first_heard(alert, message)
    data = {"alert_id": alert.pk, "version": message.version}
    lifecycle.record(case, "alert.version_kept", actor=actor, at=at, subject=alert, data=data)


def _first_heard(alert: Alert, message: AlertFacts) -> None:
    """An alert was received when its earliest version was, in whatever order they arrive."""
    if message.received_at < alert.received_at:
        alert.received_at = message.received_at
        alert.save(update_fields=["received_at"])


def amend(
    alert: Alert, case: Case, message: AlertFacts, *, actor: Actor, at: datetime, added_text: str = ""
) -> None:
    """Apply a higher version to an alert of a locked case, and let triage read it again."""
    located = locate(message, alert.source)
    columns = columns_of(message, located, at=at)
    if is_kept(alert):
        located, columns = as_kept(alert, located, columns)
    alert.version = message.version
    for name, value in columns.items():
        setattr(alert, name, value)
    alert.save(update_fields=["version", *columns, "phone_blind", "phone_last4"])
    _first_heard(alert, message)
    _keep_version(alert, message, is_applied=True, author=actor.label, at=at, added_text=added_text)
    cases.add_parties(case, message.everybody, at=at)
    if case.alerts_count == 1:
        _correct(case, alert, message, located, actor=actor, at=at)
    data = {"alert_id": alert.pk, "version": message.version}
    lifecycle.record(case, "alert.amended", actor=actor, at=at, subject=alert, data=data)


def _correct(
    case: Case, alert: Alert, message: AlertFacts, located: Located, *, actor: Actor, at: datetime
) -> None:
    """The case of a single alert says what its alert says; its place follows until somebody has signed."""
    place, columns = located.place, ["title", "address", "address_key", "longitude", "latitude", "updated_at"]
    case.title, case.updated_at = title_of(message), at
    case.address, case.address_key = alert.address, alert.address_key
    case.longitude, case.latitude = place.longitude, place.latitude
    unsigned = alert.dispatch_status in (
        DispatchStatus.AWAITING,
        DispatchStatus.DISPATCHED,
        DispatchStatus.NONE,
    )
    if place.station and (case.station_id is None or unsigned):
        columns += put(case, place)
    case.save(update_fields=columns)
    cases.reindex(case, f"{case.title} {case.address} {message.narrative}")
    if case.status == Status.POOL and place.station and alert.source.opens_as != Status.POOL:
        lifecycle.move(
            case, alert.source.opens_as, actor=actor, at=at, subject=alert, data={"entry": "placed"}
        )
