"""Which emergencies a post may see, when the mode is offered, and who may command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Line, Post, Role, Unit
from dispute_hub.cases.models import OPEN_STATUSES, Case, CaseEvent, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import OutOfScope
from intake.selectors import alerts_visible_to
from routing.models import Emergency, EmergencyCall, EmergencyReport
from routing.selectors._drafting import lead_proposal
from routing.selectors._orders import case_to_divert
from triage import selectors as triage
from triage.models import Assessment

Ground = Emergency.Ground
# An offer is on the list so long; later the crowd has gone, or a new call says that it has not.
OFFERED_WITHIN: Final = timedelta(hours=24)
SHOWN_ENDED: Final = timedelta(days=30)
COMMANDING: Final = (Role.STATION_CHIEF, Role.STATION_COMMAND, Role.OFFICER, Role.COMMUNITY_OFFICER)


def ground_of_assessment(found: Any) -> str:
    """What an assessment says of the crowd; "" below the mode's threshold (handbook 4). No query."""
    if not isinstance(found, Assessment):
        return ""
    if found.has_factor("crowd_30"):
        return Ground.CROWD
    return Ground.BLOCKED if found.has_factor("crowd_10") and found.has_factor("blockade") else ""


def ground_of_numbers(number: int, *, is_blocked: bool) -> str:
    """The same for what somebody on the spot has counted, by the thresholds of the rules in force."""
    least = dict(triage.active_rules()["thresholds"]["crowd"])
    if number >= least["crowd_30"]:
        return Ground.CROWD
    return Ground.BLOCKED if is_blocked and number >= least["crowd_10"] else ""


def _turns() -> QuerySet[CaseEvent]:
    """When the mode was offered, set and ended, the last turn first; reports and receipts turn nothing."""
    kinds = ("emergency.offered", "emergency.begun", "emergency.ended")
    return CaseEvent.objects.filter(kind__in=kinds).order_by("-id")


def was_offered(case: Case) -> bool:
    """True once the mode was offered or set since it last ended."""
    last = _turns().filter(case=case).first()
    return last is not None and last.kind != "emergency.ended"


def offer_of(case: Case) -> str:
    """Why the mode may be set for this case now; "" when it may not be, or is set."""
    if case.status not in OPEN_STATUSES:
        return ""
    last = _turns().filter(case=case).first()
    return last.data["ground"] if last is not None and last.kind == "emergency.offered" else ""


def ground_words(case: Case) -> str:
    """The same in words; "" when it is not offered."""
    ground = offer_of(case)
    return str(Ground(ground).label) if ground else ""


def first_guess(case: Case) -> dict[str, Any]:
    """What the form starts from: people counted by a caller, the department that leads such matters."""
    told = case.alerts.exclude(people_involved=None).order_by("-id").first()
    lead = lead_proposal(case, list(departments_of(case))).unit
    return {
        "people": told.people_involved if told else None,
        "is_blocked": offer_of(case) == Ground.BLOCKED,
        "lead_unit": lead.code if lead is not None else None,
    }


def running_of(case: Case) -> Emergency | None:
    """The emergency of this case that is commanded now."""
    return Emergency.objects.filter(case=case, ended_at__isnull=True).first()


def commanders_for(case: Case, *, at: datetime) -> list[Post]:
    """Who may command on the spot: police of the case's station and of its bureau, on post now."""
    at_station = Q(unit=case.station_id, role__in=COMMANDING)
    at_station |= Q(unit__parent=case.station_id, role=Role.COMMUNITY_OFFICER)
    at_bureau = Q(unit=case.bureau_id, role__in=(Role.BUREAU, Role.LEADER))
    posts = people.live_posts(at).filter(at_bureau | at_station if case.station_id else at_bureau)
    return list(posts.filter(user__is_auxiliary=False).order_by("unit_id", "role", "id"))


def departments_of(case: Case) -> QuerySet[Unit]:
    """Who may lead: the departments of the county."""
    return Unit.objects.filter(line=Line.DEPARTMENT, bureau=case.bureau_id, is_active=True).order_by("name")


def to_call(case: Case, lead_unit: Unit | None) -> list[tuple[Unit, str]]:
    """Bureau, street and lead department, each once (handbook 4)."""
    streets = people.streets_of_station(case.station_id) if case.station_id else []
    street = case.street or next(iter(streets), None)
    Why = EmergencyCall.Why  # noqa: N806 - the codes of the model
    named = [(case.bureau, Why.BUREAU), (street, Why.STREET), (lead_unit, Why.LEAD)]
    return [(unit, why) for unit, why in named if unit is not None]


def case_to_command(actor: PostActor, case_no: str, *, at: datetime) -> Case:
    """A case whose emergency this post may set: in its scope, or born of an alert of its own centre."""
    return case_to_divert(actor, case_no, at=at)


def emergencies_visible_to(actor: PostActor, *, at: datetime) -> QuerySet[Emergency]:
    """Those of cases in reach, at the desk those of its own alerts, and those this post commands."""
    seen = Q(case__in=visible_to(actor, at=at).values("pk")) | Q(commander=actor.post)
    if actor.role == Role.DUTY_COMMANDER:
        seen |= Q(case__alerts__in=alerts_visible_to(actor, at=at).values("pk"))
    rows = Emergency.objects.filter(pk__in=Emergency.objects.filter(seen).values("pk"))
    return rows.select_related("case__station", "commander__user", "commander__unit", "lead_unit")


def get_emergency(actor: PostActor, emergency_id: int, *, at: datetime) -> Emergency:
    """One emergency; OutOfScope (404) when unknown or out of reach, alike."""
    rows = emergencies_visible_to(actor, at=at).select_related(
        "begun_by__user", "begun_by__unit", "ended_by__user", "ended_by__unit"
    )
    found = rows.filter(pk=emergency_id).first()
    if found is None:
        raise OutOfScope("没有找到该应急处置，或不在当前岗位的查看范围内。")
    return found


def get_call(actor: PostActor, emergency_id: int) -> EmergencyCall:
    """The call of the actor's own unit; OutOfScope (404) for everybody else."""
    rows = EmergencyCall.objects.select_related("emergency__commander__unit", "received_by__user", "unit")
    found = rows.filter(emergency=emergency_id, unit=actor.unit).first()
    if found is None:
        raise OutOfScope("没有找到该指令，或不在当前岗位的查看范围内。")
    return found


@dataclass(frozen=True, slots=True)
class EmergencyPage:
    """One emergency with its reports, calls and clocks, and what this post may do."""

    row: Emergency
    reports: list[EmergencyReport]
    calls: list[EmergencyCall]
    clock: Deadline | None
    due_kind: str
    acts: frozenset[str]

    @property
    def due(self) -> str:
        """The report that comes next, in words; "" after the last one."""
        return str(EmergencyReport.Kind(self.due_kind).label) if self.due_kind else ""


def emergency_page(row: Emergency, actor: PostActor) -> EmergencyPage:
    """Everything the page of one emergency shows. Three queries."""
    reports = list(row.reports.select_related("reported_by__user", "reported_by__unit").order_by("-number"))
    calls = list(row.calls.select_related("unit", "received_by__user").order_by("id"))
    clock = Deadline.objects.filter(
        subject_kind="emergency", subject_id=row.pk, state=Deadline.State.OPEN
    ).first()
    due = due_report(row, {report.kind for report in reports})
    return EmergencyPage(row, reports, calls, clock, due, _acts(row, due, actor))


def due_report(row: Emergency, kinds: Collection[str]) -> str:
    """Which kind comes next after those there are; "" after the last one."""
    Kind = EmergencyReport.Kind  # noqa: N806 - the codes of the model
    if Kind.FINAL in kinds:
        return ""
    return Kind.FINAL if not row.is_running else Kind.PROGRESS if kinds else Kind.FIRST


def _acts(row: Emergency, due: str, actor: PostActor) -> frozenset[str]:
    commands = policy.allows(actor.role, "emergency.command")
    found = {"commander", "end"} if commands and row.is_running else set()
    if due and (commands or actor.post.pk == row.commander_id):
        found.add("report")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class EmergencyList:
    """What runs, what is offered, what has ended lately."""

    running: list[Emergency]
    ended: list[Emergency]
    offered: list[Case]


def emergency_list(actor: PostActor, *, at: datetime) -> EmergencyList:
    """The page 应急处置. Three queries."""
    rows = emergencies_visible_to(actor, at=at)
    ended = rows.filter(ended_at__gte=at - SHOWN_ENDED).order_by("-ended_at")[:50]
    running = list(rows.filter(ended_at__isnull=True).order_by("begun_at"))
    return EmergencyList(running, list(ended), _offered_to(actor, at=at))


def _offered_to(actor: PostActor, *, at: datetime) -> list[Case]:
    if not policy.allows(actor.role, "emergency.command"):
        return []
    in_reach = Q(pk__in=visible_to(actor, at=at).values("pk"))
    if actor.role == Role.DUTY_COMMANDER:
        in_reach |= Q(pk__in=alerts_visible_to(actor, at=at).values("case_id"))
    since = CaseEvent.objects.filter(kind="emergency.offered", at__gte=at - OFFERED_WITHIN)
    rows = Case.objects.filter(in_reach, pk__in=since.values("case_id"), status__in=OPEN_STATUSES)
    last = Subquery(_turns().filter(case=OuterRef("pk")).values("kind")[:1])
    rows = rows.annotate(last_turn=last).filter(last_turn="emergency.offered")
    return list(rows.select_related("station").order_by("-last_alert_at")[:50])
