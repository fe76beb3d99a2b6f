"""协助二推送 as the leading and the helping station see it: the task, never more of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import UnitKind
from dispute_hub.cases.models import Case, Deadline, Party
from dispute_hub.cases.selectors import parties, visible_to
from dispute_hub.common.errors import OutOfScope
from routing.models import AssistingPush
from routing.selectors._packet import SAFETY
from triage.selectors import reads_clear

NEWEST_FIRST = ("-id",)


@dataclass(frozen=True, slots=True)
class Task:
    """One task on the page. `party` is masked but for the leading station, and the helping one while the
    task is in its hands (handbook 3)."""

    row: AssistingPush
    party: str
    safety: str
    clock: Deadline | None
    sees_case: bool
    leads: bool
    helps: bool


def home_station(actor: PostActor) -> int | None:
    """The station of the post; of a police area the one it belongs to."""
    return actor.unit.parent_id if actor.unit.kind == UnitKind.POLICE_AREA else actor.post.unit_id


def assisting_pushes(actor: PostActor, *, at: datetime) -> QuerySet[AssistingPush]:
    """Those this station is asked for, and those of cases in reach."""
    within = Q(station=home_station(actor)) | Q(case__in=visible_to(actor, at=at).values("pk"))
    return AssistingPush.objects.filter(within).select_related(
        "case__station", "station", "party", "issued_by__user", "signed_by__user", "answered_by__user"
    )


def get_assisting(actor: PostActor, assist_id: int, *, at: datetime) -> AssistingPush:
    """One of them; OutOfScope (404) when unknown or out of reach, alike."""
    row = assisting_pushes(actor, at=at).filter(pk=assist_id).first()
    if row is None:
        raise OutOfScope("没有找到该协助请求，或不在当前岗位的查看范围内。")
    return row


def tasks_of(rows: list[AssistingPush], actor: PostActor, *, at: datetime) -> list[Task]:
    """What the page shows of each; two queries more, for the clocks and the cases in reach."""
    running = Deadline.objects.filter(
        subject_kind="assistingpush", subject_id__in=[row.pk for row in rows], state=Deadline.State.OPEN
    )
    clocks = {clock.subject_id: clock for clock in running}
    own = home_station(actor)
    seen = visible_to(actor, at=at).filter(pk__in=[row.case_id for row in rows])
    in_reach = set(seen.values_list("pk", flat=True))
    return [
        Task(
            row=row,
            party=row.party.shown_name(clear=_names_clear(row, actor, own)),
            safety=SAFETY[row.case.colour or "blue"],
            clock=clocks.get(row.pk),
            sees_case=row.case_id in in_reach,
            leads=row.is_open and row.case.station_id == own and policy.allows(actor.role, "assist.ask"),
            helps=row.is_open and row.station_id == own and policy.allows(actor.role, "assist.answer"),
        )
        for row in rows
    ]


def _names_clear(row: AssistingPush, actor: PostActor, own: int | None) -> bool:
    in_hand = row.status == AssistingPush.Status.SIGNED and row.station_id == own
    return in_hand or reads_clear(actor, row.case)


def parties_to_name(case: Case, actor: PostActor) -> list[tuple[Party, str]]:
    """The people of a case as this post may name them."""
    clear = reads_clear(actor, case)
    return [(party, f"{party.get_role_display()} {party.shown_name(clear=clear)}") for party in parties(case)]
