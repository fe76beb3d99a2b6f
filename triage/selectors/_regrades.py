"""What people changed or asked to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import GRAVITY, Case
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import OutOfScope
from triage.models import Assessment, Regrade


@dataclass(frozen=True, slots=True)
class EngineView:
    """What the engine makes of a case, whatever people set: its gravest colour, its newest item and rules."""

    colour: str = ""
    item_code: str = ""
    rule_version: str = ""
    rule_digest: str = ""


def engine_view(case: Case) -> EngineView:
    """The engine's view of a case at this moment; one query. Stand-ins for a failed engine do not count."""
    columns = ("colour", "item_code", "rule_version", "rule_digest")
    made = list(Assessment.objects.filter(case=case, failed=False).order_by("-id").values_list(*columns))
    if not made:
        return EngineView()
    gravest = max((colour for colour, *_ in made), key=lambda colour: GRAVITY[colour])
    return EngineView(gravest, *made[0][1:])


def regrades(case: Case) -> QuerySet[Regrade]:
    """What people changed or asked to change, newest first."""
    return (
        Regrade.objects.filter(case=case)
        .select_related("proposer", "proposer_post__unit", "approver")
        .order_by("-id")
    )


def pending_regrades(actor: PostActor, *, at: datetime) -> QuerySet[Regrade]:
    """Lowerings that wait for a chief, on cases this post may see, the oldest first."""
    return (
        Regrade.objects.filter(status=Regrade.Status.PROPOSED, case__in=visible_to(actor, at=at))
        .select_related("case", "proposer", "proposer_post__unit")
        .order_by("proposed_at", "id")
    )


def get_regrade(actor: PostActor, regrade_id: int, *, at: datetime) -> Regrade:
    """One change of grade on a case in reach; OutOfScope (404) when unknown or out of reach, alike."""
    made = Regrade.objects.filter(pk=regrade_id, case__in=visible_to(actor, at=at)).first()
    if made is None:
        raise OutOfScope("没有找到该申请，或不在当前岗位的查看范围内。")
    return made
