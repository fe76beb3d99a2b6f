"""Questions about consultations: agenda by rule, decisions that are owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases.models import OPEN_STATUSES, Case, CaseEvent
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common import time
from dispute_hub.common.errors import Invalid, OutOfScope
from mediation.models import AgendaEntry, Consultation, ConsultationLevel, Decision
from mediation.services import LEVELS_OF

L = ConsultationLevel
GRAVE = ("red", "orange")
# handbook 8: unsettled for so long.
WEEK_AFTER, MONTH_AFTER = timedelta(days=7), timedelta(days=30)
RETURNED_TWICE = 2
WAGES: Final = ("N0601", "N0602")
OWNER_KINDS = (
    UnitKind.BUREAU, UnitKind.STATION, UnitKind.POLICE_AREA, UnitKind.POLITICAL_LEGAL,
    UnitKind.COUNTY_CENTRE, UnitKind.CENTRE, UnitKind.DEPARTMENT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that belongs on the agenda by rule, and by which."""

    case: Case
    reason: str


def levels_of(actor: PostActor) -> list[tuple[str, str]]:
    """The levels this post may convene, as choices."""
    levels = LEVELS_OF.get(actor.role, ())
    return [(level, ConsultationLevel(level).label) for level in levels]


def consultations_visible_to(actor: PostActor) -> QuerySet[Consultation]:
    """Meetings of the post's own unit (an area's officer sees his station's), newest first."""
    units = [actor.post.unit_id]
    if actor.unit.kind == UnitKind.POLICE_AREA and actor.unit.parent_id:
        units.append(actor.unit.parent_id)
    rows = Consultation.objects.filter(unit__in=units).annotate(entries=Count("agenda"))
    return rows.select_related("unit").order_by("-held_on", "-id")


def get_consultation(actor: PostActor, consultation_id: int) -> Consultation:
    """One meeting of the own unit; OutOfScope (404) for any other."""
    found = consultations_visible_to(actor).filter(pk=consultation_id).first()
    if found is None:
        raise OutOfScope("没有找到该会商，或不在当前岗位的查看范围内。")
    return found


def get_entry(consultation: Consultation, entry_id: int) -> AgendaEntry:
    entry = consultation.agenda.select_related("case", "consultation").filter(pk=entry_id).first()
    if entry is None:
        raise OutOfScope("该案件不在本次会商议程上。")
    return entry


def agenda_of(consultation: Consultation) -> QuerySet[AgendaEntry]:
    """The agenda with its decisions, in the order it was made."""
    rows = consultation.agenda.select_related("case").prefetch_related("decisions__unit")
    return rows.order_by("added_at", "id")


def suggested_cases(consultation: Consultation, actor: PostActor, *, at: datetime) -> QuerySet[Case]:
    """Unsettled cases in reach that belong on this agenda by rule and are not yet on it, oldest first."""
    rows = agenda_candidates(actor, at=at).filter(_rule(consultation.level, at))
    listed = AgendaEntry.objects.filter(consultation=consultation).values("case_id")
    return rows.exclude(pk__in=listed).order_by("opened_at", "id")


def agenda_candidates(actor: PostActor, *, at: datetime) -> QuerySet[Case]:
    """Unsettled cases in reach: what may be put on an agenda, by rule or not."""
    return visible_to(actor, at=at).filter(status__in=OPEN_STATUSES)


def owner_named(actor: PostActor, code: str) -> Unit:
    """A unit of the own county by its code; Invalid when there is none."""
    found = owners_for(actor).filter(code=code).first()
    if found is None:
        raise Invalid("没有找到责任单位。", fields={"unit": [f"单位代码 {code[:40]} 不存在或不可交办。"]})
    return found


def _rule(level: str, at: datetime) -> Q:
    grave = Q(colour__in=GRAVE)
    if level == L.DAY:
        return Q()
    if level == L.WEEK:
        return Q(opened_at__lte=at - WEEK_AFTER) | grave
    if level == L.MONTH:
        return Q(opened_at__lte=at - MONTH_AFTER) | Q(pk__in=_returned_twice())
    if level == L.ESCALATED:
        return (Q(colour="red") | Q(level="high")) & Q(opened_at__lte=at - WEEK_AFTER)
    if level == L.PRE_HOLIDAY:
        return grave | Q(item_code__in=WAGES)
    return Q(pk__in=_returned_twice())


def _returned_twice() -> QuerySet[CaseEvent, Any]:
    returned = CaseEvent.objects.filter(kind="order.returned").values("case_id")
    return returned.annotate(times=Count("id")).filter(times__gte=RETURNED_TWICE).values("case_id")


def suggestions(cases: Sequence[Case], *, at: datetime) -> list[Suggestion]:
    """Why each case is on the list, in words that go onto the agenda."""
    today = time.beijing_date(at)
    return [Suggestion(case, _why(case, (today - time.beijing_date(case.opened_at)).days)) for case in cases]


def _why(case: Case, days: int) -> str:
    grave = f"{case.get_colour_display()}色预警，" if case.colour in GRAVE else ""
    return f"{grave}未化解{days}天" if days else f"{grave}当日未化解"


def owners_for(actor: PostActor) -> QuerySet[Unit]:
    """Units that may be given a task: those of the own county."""
    rows = Unit.objects.filter(kind__in=OWNER_KINDS, is_active=True)
    county = actor.unit.bureau_id
    return (rows.filter(Q(bureau=county) | Q(pk=county)) if county else rows).order_by("kind", "code")


def open_decisions(actor: PostActor) -> QuerySet[Decision]:
    """Tasks of consultations that the post's unit still owes, the nearest first."""
    return (
        Decision.objects.filter(unit=actor.post.unit_id, done_at__isnull=True)
        .select_related("entry__case", "entry__consultation__unit", "unit")
        .order_by("due_at", "id")
    )


def get_decision(actor: PostActor, decision_id: int) -> Decision:
    """A task the post's unit owes or has done; OutOfScope (404) for another unit's."""
    rows = Decision.objects.select_related("entry__case", "entry__consultation", "unit")
    found = rows.filter(pk=decision_id, unit=actor.post.unit_id).first()
    if found is None:
        raise OutOfScope("没有找到该会商任务，或不属于本单位。")
    return found


def answer_of_consultation(entry: AgendaEntry) -> dict[str, Any]:
    """What the API says of a case that was brought to a consultation."""
    meeting = entry.consultation
    return {
        "id": meeting.pk,
        "number": meeting.number,
        "level": meeting.level,
        "held_on": meeting.held_on.isoformat(),
        "case_no": entry.case.case_no,
        "entry": entry.pk,
        "decisions": [
            {"id": one.pk, "unit": one.unit.code, "task": one.task, "due_at": one.due_at.isoformat()}
            for one in entry.decisions.select_related("unit").order_by("id")
        ],
    }
