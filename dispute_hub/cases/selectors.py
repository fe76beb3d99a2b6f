"""Questions about cases. Everything starts from `visible_to`: scope is in the query."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import Min, Q, QuerySet

from dispute_hub.accounts.actor import Actor, PostActor, SystemActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline, Party
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.text import query_terms

# Which column of a case a role's own unit is compared with; every other role sees by grant alone.
SCOPE_COLUMN: Final[dict[str, str]] = {
    Role.COMMUNITY_OFFICER: "area_id",
    Role.STATION_COMMAND: "station_id",
    Role.STATION_CHIEF: "station_id",
    Role.BUREAU: "bureau_id",
    Role.LEADER: "bureau_id",
}
BY_GRANT: Final = frozenset(
    {
        Role.OFFICER,
        Role.COMMUNITY_OFFICER,
        Role.STATION_COMMAND,
        Role.STATION_CHIEF,
        Role.CENTRE,
        Role.COUNTY_CENTRE,
        Role.DEPARTMENT,
        Role.GRID_WORKER,
        Role.MEDIATOR,
        Role.POLITICAL_LEGAL,
        Role.BUREAU,
    }
)


def visible_to(actor: Actor, *, at: datetime) -> QuerySet[Case]:
    """The cases this post may see: those of its own unit's columns, and those granted to it now.

    None of those the person keeps away from: 回避 is asked here, so that every door answers as to a stranger.
    """
    if isinstance(actor, SystemActor):
        return Case.objects.all()
    if not isinstance(actor, PostActor):
        return Case.objects.none()
    within = Q(pk__in=[])
    column = SCOPE_COLUMN.get(Role(actor.role))
    if column:
        within |= Q(**{column: actor.post.unit_id})
    if actor.role in BY_GRANT:
        within |= Q(pk__in=granted_case_ids(actor, at=at))
    return Case.objects.filter(within, ~Q(pk__in=kept_away(actor)))


def kept_away(actor: PostActor) -> QuerySet[Case, Any]:
    """Ids of the cases from which the person keeps away by an approved 回避, whatever post he speaks from."""
    return Case.objects.filter(recusals__user=actor.user.pk, recusals__status="approved").values("pk")


def granted_case_ids(actor: PostActor, *, at: datetime) -> QuerySet[CaseGrant, Any]:
    """Ids of the cases granted to the post or its unit at this instant."""
    grantee = Q(post=actor.post) | Q(unit=actor.post.unit_id)
    live = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    return CaseGrant.objects.filter(grantee, live, starts_at__lte=at).values("case_id")


def get_case(actor: Actor, case_no: str, *, at: datetime) -> Case:
    """One case by its number; OutOfScope (404) when unknown or out of reach, alike."""
    cases = visible_to(actor, at=at).select_related(
        "station", "area", "street", "grid", "bureau", "holder_unit", "holder_post__user"
    )
    case = cases.filter(case_no=case_no).first()
    if case is None:
        raise OutOfScope("没有找到该案件，或不在当前岗位的查看范围内。")
    return case


def search_cases(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases whose words all match; a case number is matched exactly. At most 20 words are used."""
    words = words.strip()
    if not words:
        return cases
    if words.upper().startswith("JF") and words[2:].isdigit():
        return cases.filter(case_no=words.upper())
    terms = query_terms(words)[:20]
    quoted = " & ".join("'" + term.replace("'", "''").replace("\\", "") + "'" for term in terms)
    return cases.filter(search=_AsStored(quoted)) if terms else cases.none()


class _AsStored(SearchQuery):
    """Cast, not to_tsquery: lexemes are matched just as they were stored, by no language's parser."""

    template = "%(expressions)s::tsquery"


def timeline(case: Case) -> QuerySet[CaseEvent]:
    """Every event of the case, oldest first."""
    return CaseEvent.objects.filter(case=case).order_by("id")


def parties(case: Case) -> QuerySet[Party]:
    return Party.objects.filter(case=case).order_by("id")


def open_deadlines(case: Case) -> QuerySet[Deadline]:
    """The running clocks of a case, the nearest first."""
    return Deadline.objects.filter(case=case, state=Deadline.State.OPEN).order_by("due_at", "id")


def clocks_of(actor: PostActor) -> QuerySet[Deadline]:
    """Running clocks that this post must meet, the nearest first."""
    mine = Q(holder_post=actor.post) | Q(
        holder_post__isnull=True, holder_unit=actor.post.unit_id, holder_role__in=["", actor.role]
    )
    return (
        Deadline.objects.filter(mine, ~Q(case__in=kept_away(actor)), state=Deadline.State.OPEN)
        .select_related("case")
        .order_by("due_at", "id")
    )


def oldest_due_at() -> datetime | None:
    """The earliest ladder step that has not been taken; in the past means the sweep is behind."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN)
    oldest: datetime | None = rows.aggregate(oldest=Min("next_step_at"))["oldest"]
    return oldest
