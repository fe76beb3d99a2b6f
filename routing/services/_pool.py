"""待分派: the duty commander or the command room says which station takes an alert of the pool."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role, Unit, UnitKind
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Invalid
from intake import services as intake
from intake.models import Alert, DispatchStatus
from routing.models import Push
from routing.services._holding import hold
from routing.services._pushes import crew_under_way, issue_first, readdress


@transaction.atomic
def dispatch_pool(
    case: Case, *, station: Unit, actor: PostActor, at: datetime, to: str = Status.SCENE
) -> Case:
    """A station takes a case of the pool: to the scene with its crews, or straight into tracking."""
    policy.require(actor, "case.dispatch_pool", at=at)
    case = cases.lock(case.pk)
    if actor.role != Role.BUREAU and (kept := intake.kept_of(case)) is not None:
        intake.refuse_kept(kept)
    if station.kind != UnitKind.STATION:
        raise Invalid("请选择派出所。", fields={"station": ["只能分派到派出所。"]})
    if to not in (Status.SCENE, Status.TRACKING):
        raise Invalid("请选择去向。", fields={"to": ["现场处置或跟踪化解。"]})
    data = {"station": station.code, "entry": Push.Entry.ASSIGNED}
    # Before the step: what follows it gives the case on to the responsible officer.
    hold(case, unit_id=station.pk, post=None)
    lifecycle.move(
        case, to, actor=actor, at=at, data=data, station=station, bureau=station.bureau or case.bureau
    )
    crew = crew_under_way(case, at=at)
    for push in Push.objects.select_for_update(of=("self",)).filter(
        case=case, entry=Push.Entry.POOL, status=Push.Status.ISSUED
    ):
        if push.alert is not None:
            readdress(case, push, push.alert, crew=crew, actor=actor, at=at)
    if to == Status.SCENE:
        _push_the_rest(case, crew=crew, actor=actor, at=at)
    return case


def _push_the_rest(case: Case, *, crew: Post | None, actor: PostActor, at: datetime) -> None:
    """Clues that were never to be dispatched get their push 1 now that somebody goes there."""
    for alert in Alert.objects.filter(case=case, dispatch_status=DispatchStatus.NONE, pushes__isnull=True):
        issue_first(case, alert, colour=case.colour, crew=crew, actor=actor, at=at, cause=None)
