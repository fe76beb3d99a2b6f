"""待分派: the duty commander or the command room says which station takes an alert of the pool."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Invalid
from intake import services as intake
from intake.models import DispatchStatus
from routing.models import Push
from routing.services import _machine as machine
from routing.services._pushes import grant_reason, tell_push


@transaction.atomic
def dispatch_pool(case: Case, *, station: Unit, actor: PostActor, at: datetime) -> list[Push]:
    """The station takes a case of the pool: to the scene, its waiting pushes go to the crews.

    Clocks are handed over, not restarted: the wait in the pool is part of the person's wait.
    """
    policy.require(actor, "case.dispatch_pool", at=at)
    case = cases.lock(case.pk)
    if station.kind != UnitKind.STATION:
        raise Invalid("请选择派出所。", fields={"station": ["只能分派到派出所。"]})
    lifecycle.move(
        case, Status.SCENE, actor=actor, at=at, data={"station": station.code},
        station=station, bureau=station.bureau or case.bureau, holder_unit=station,
    )  # fmt: skip
    waiting = Push.objects.select_for_update(of=("self",)).filter(
        case=case, entry=Push.Entry.POOL, status=Push.Status.ISSUED
    )
    pushes = list(waiting.select_related("alert").order_by("pk"))
    for push in pushes:
        _readdress(case, push, station, actor, at)
    return pushes


def _readdress(case: Case, push: Push, station: Unit, actor: PostActor, at: datetime) -> None:
    push.entry, push.entries = Push.Entry.ALERT, [*push.entries, Push.Entry.ALERT]
    push.addressee_unit, push.addressee_role = station, Role.OFFICER
    push.save(update_fields=["entry", "entries", "addressee_unit", "addressee_role"])
    deadlines.hand_over(push, holder=machine.holder_of(push))
    grants.give(case, grant_reason(push), at=at, unit_id=station.pk)
    if push.alert is not None:
        intake.set_dispatch(push.alert, DispatchStatus.DISPATCHED, at=at)
    data = {"tier": 1, "entry": "pool", "station": station.code}
    lifecycle.record(case, "push.readdressed", actor=actor, at=at, subject=push, data=data)
    tell_push(case, push, is_follow_on=False, at=at)
