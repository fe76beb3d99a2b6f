"""A case goes to another station: by the bureau's word on jurisdiction, or away from one complained of."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.accounts.selectors import streets_of_station
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseGrant, Deadline, Status
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.services._addressee import readdress_second, responsible_officer
from routing.services._assisting import end_assistance
from routing.services._counter_orders import follow_transfer
from routing.services._holding import hold
from routing.services._machine import PREPARE, UNDER_WAY, grant_reason
from routing.services._night import close_night, readdress_signing
from routing.services._pushes import crew_under_way, readdress
from routing.services._second import open_second

# Later the other side works on it, by the first station's order; that is ended first.
MOVABLE = (Status.POOL, Status.SCENE, Status.TRACKING)


def check_station(case: Case, unit: Unit | None, *, field: str) -> Unit:
    """A station of the case's bureau, or Invalid at this field."""
    if unit is None or unit.kind != UnitKind.STATION or unit.bureau_id != case.bureau_id:
        raise Invalid("请选择派出所。", fields={field: ["请选择本局下属的派出所。"]})
    return unit


def transfer(case: Case, to: Unit, *, why: str, actor: PostActor, at: datetime) -> None:
    """Another station holds the locked case from now on, with its pushes, clocks and sight.

    A crew under way goes on, because dispatch belongs to the alert; the place found for the first station
    (police area, grid) is taken back, so that nobody of it is found as responsible officer again.
    """
    former = case.station
    if former == to:
        return
    if case.status not in MOVABLE:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，请先办结或撤回交办，再变更管辖。")
    streets = streets_of_station(to.pk)
    case.station, case.bureau, case.area, case.grid = to, to.bureau or case.bureau, None, None
    case.street = streets[0] if len(streets) == 1 else None
    case.version += 1
    case.updated_at = at
    case.save(update_fields=["station", "bureau", "area", "grid", "street", "version", "updated_at"])
    hold(case, unit_id=to.pk, post=None)
    end_assistance(case, actor=actor, at=at, station=to)
    _give_clocks(case, former, to)
    follow_transfer(case, former, at=at)
    lifecycle.record(
        case, "case.transferred", actor=actor, at=at,
        data={"unit": to.name, "former": former.name if former else "", "text": why},
    )  # fmt: skip
    _give_pushes(case, actor=actor, at=at)
    _end_sight(case, former, at=at)
    message = outbox.Message(
        kind="case.transferred", title=f"案件移交本所管辖：{case.case_no}，请指定责任民警",
        link=f"/cases/{case.case_no}/", urgency="alarm", unit_id=to.pk, role=Role.STATION_COMMAND,
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=case.pk)


def _give_clocks(case: Case, former: Unit | None, to: Unit) -> None:
    """What the first station had to meet is the second's, its chief's the chief's.

    Pushes hand their own clocks over; what was recorded for an officer he alone confirms, wherever he is.
    """
    if former is None:
        return
    running = Deadline.objects.filter(case=case, state=Deadline.State.OPEN)
    running = running.exclude(subject_kind__in=["push", "onbehalf"])
    held = running.filter(Q(holder_unit=former) | Q(holder_unit__parent=former))
    held.exclude(holder_role=Role.STATION_CHIEF).update(holder_role=Role.STATION_COMMAND)
    held.update(holder_unit=to, holder_post=None)


def _give_pushes(case: Case, *, actor: PostActor, at: datetime) -> None:
    crew = crew_under_way(case, at=at)
    unsigned = Push.objects.select_for_update(of=("self",)).filter(
        case=case, tier=Push.Tier.FIRST, status=Push.Status.ISSUED
    )
    for push in unsigned.order_by("pk"):
        if push.alert is not None:
            readdress(case, push, push.alert, crew=crew, actor=actor, at=at)
    push_second = open_second(case)
    if push_second is None:
        return
    close_night(case, push_second, at=at)
    readdress_second(case, push_second, responsible_officer(case, at=at), at=at)
    command = deadlines.Holder(unit_id=case.station_id, role=Role.STATION_COMMAND)
    deadlines.hand_over(push_second, holder=command, kinds=[PREPARE])
    told = readdress_signing(case, push_second, at=at)
    outbox.notify_many([(message, case.pk) for message in told], at=at)


def _end_sight(case: Case, former: Unit | None, *, at: datetime) -> None:
    """The first station sees the case no longer, but for a crew that is under way to it."""
    if former is None:
        return
    under_way = Push.objects.filter(case=case, tier=Push.Tier.FIRST, status__in=UNDER_WAY)
    rows = CaseGrant.objects.filter(case=case).filter(
        Q(unit=former) | Q(unit__parent=former) | Q(post__unit=former) | Q(post__unit__parent=former)
    )
    rows = rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    rows.exclude(reason__in=[grant_reason(push) for push in under_way]).update(ends_at=at)
