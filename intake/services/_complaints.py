"""投诉民警警情: kept from the station it speaks of until the bureau says who takes it (handbook 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Conflict
from intake.hints import KEPT
from intake.message import facts_of
from intake.models import Alert, AlertVersion
from intake.services._place import Located, locate, put

ALERT_PLACE = ("station", "grid", "street")
DECIDED_BY_BUREAU = "投诉民警警情已转分局督察受理，由分局指定办理单位。"


def is_kept(alert: Alert) -> bool:
    """Whether the alert is kept from the station it names."""
    return KEPT in alert.hints


def kept_of(case: Case) -> Alert | None:
    """The complaint the case was kept from a station for; None for every other case."""
    return Alert.objects.filter(case=case, hints__contains=[KEPT]).order_by("id").first()


def refuse_kept(alert: Alert) -> None:
    """Neither the desk nor a command room says who takes it."""
    if is_kept(alert):
        raise Conflict(DECIDED_BY_BUREAU, code="complaint_kept")


def keep(case: Case, alert: Alert, *, at: datetime) -> None:
    """Take the station from a case that is just being born, and wait for the bureau.

    It was nowhere yet: the case is born 待分派, so this is no change of its status.
    """
    case.station = case.area = case.grid = case.street = None
    case.holder_unit, case.status, case.updated_at = case.bureau, Status.POOL, at
    case.save(
        update_fields=["station", "area", "grid", "street", "holder_unit", "status", "updated_at"]
    )  # fmt: skip
    keep_further(case, alert)


def keep_further(case: Case, alert: Alert) -> None:
    """An alert of such a case is where the case is, whatever it names."""
    alert.station, alert.grid, alert.street = case.station, case.grid, case.street
    alert.hints = sorted({*alert.hints, KEPT})
    alert.save(update_fields=[*ALERT_PLACE, "hints"])


def as_kept(alert: Alert, located: Located, columns: dict[str, Any]) -> tuple[Located, dict[str, Any]]:
    """What a later version fills in without putting the station back."""
    place = replace(located.place, station=None, area=None, grid=None, street=None)
    here = {name: getattr(alert, name) for name in ALERT_PLACE}
    return replace(located, place=place), {**columns, **here, "hints": sorted({*columns["hints"], KEPT})}


def let_go(case: Case, alert: Alert, *, actor: Actor, at: datetime) -> None:
    """Danger first: the station it names has it again and is dispatched. For cases without any station."""
    version = AlertVersion.objects.get(alert=alert, number=alert.version)
    facts = facts_of(version.content, alert_no=alert.alert_no, version=version.number)
    place = locate(facts, alert.source).place
    alert.station, alert.grid, alert.street = place.station, place.grid, place.street
    alert.hints = [code for code in alert.hints if code != KEPT]
    alert.save(update_fields=[*ALERT_PLACE, "hints"])
    if place.station is None or case.status != Status.POOL:
        return
    case.save(update_fields=put(case, place))
    if alert.source.opens_as != Status.POOL:
        to, data = alert.source.opens_as, {"entry": "placed"}
        lifecycle.move(case, to, actor=actor, at=at, subject=alert, data=data)


def give_kept(case: Case, station: Unit) -> None:
    """The bureau's word: the unit that takes the case has its alerts as well."""
    Alert.objects.filter(case=case, station=None).update(station=station)
