"""The case file: everything about one dispute that this post may read, in at most twelve queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table
from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline, Party, Phase
from dispute_hub.common import masks
from dispute_hub.common.errors import OutOfScope
from intake.models import Alert
from reports import event_words
from reports.selectors._case_parts import MEDIATION_PARTS, PARTS, Part, parts_of
from reports.selectors._reach import MASKED_ALWAYS, is_order_side
from routing.models import WorkOrder
from routing.selectors import orders_visible_to
from triage import selectors as triage

MOST_EVENTS = 1000
MOST_ALERTS = 20
# What a mediator may follow of the timeline.
MEDIATION_EVENTS: Final = ("session.", "mediation.", "agreement.", "performance.", "follow_up.")
# What a filter of the timeline shows, by the beginning of the kinds.
TOPICS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "alert": (
        "警情与研判",
        ("alert.", "case.assessed", "case.reassessed", "case.colour", "case.level", "regrade."),
    ),
    "push": ("推送处置", ("push.", "case_file.", "case.contacted", "sheet.")),
    "order": ("交办分流", ("order.", "case.diverted", "case.review", "case.joint", "case.verifying")),
    "mediation": ("调解会商", ("session.", "mediation.", "agreement.", "performance.", "consultation.")),
    "follow_up": ("回访督办", ("follow_up.", "supervision.", "deadline.")),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the timeline: when, who, what, his words."""

    at: datetime
    who: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class PhaseLines:
    name: str
    events: list[EventLine]


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party as this post sees it; an empty mask means nothing is known."""

    party: Party
    name: str
    phone: str
    id_number: str
    is_name_clear: bool

    @property
    def name_query(self) -> str:
        """What the address of a reveal ends with."""
        return f"?party={self.party.pk}&field=name"

    @property
    def phone_query(self) -> str:
        return f"?party={self.party.pk}&field=phone"

    @property
    def id_query(self) -> str:
        return f"?party={self.party.pk}&field=id_number"


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock with its name and whose it is."""

    name: str
    deadline: Deadline

    @property
    def holder(self) -> str:
        post = self.deadline.holder_post
        return post.user.full_name if post else str(self.deadline.holder_unit or "")


@dataclass(frozen=True, slots=True)
class CaseFilePage:
    """What the page shows. `cards` pairs each alert with its newest assessment's card, or None."""

    case: Case
    is_outside: bool
    is_clear: bool
    may_reveal: bool
    phases: list[PhaseLines]
    clocks: list[Clock]
    cards: list[tuple[Alert, Any]]
    parties: list[PartyLine]
    assessments: list[Any]
    steps: list[triage.ColourStep]
    visited: list[str]
    parts: dict[str, list[Part]]
    at: datetime

    @property
    def address(self) -> str:
        """The place as far as everybody may read it."""
        return masks.mask_address(self.case.address)

    @property
    def colour_option(self) -> dict[str, Any]:
        """The step chart up to this moment, every colour named although it is small."""
        still = replace(self.steps[-1], at=self.at, by_person=False, cause="现在")
        return triage.colour_chart([*self.steps, still])


def case_file(actor: PostActor, case_no: str, *, topic: str, at: datetime) -> CaseFilePage:
    """The file of a case in reach; OutOfScope (404) for units that see orders only, and when unknown."""
    case = cases.get_case(actor, case_no, at=at)
    if is_order_side(actor):
        raise OutOfScope()
    mediates = actor.role == Role.MEDIATOR
    clear = triage.reads_clear(actor, case) or (mediates and case.is_open)
    judged = [] if mediates else list(triage.assessments(case)[:MOST_EVENTS])
    events = list(cases.timeline(case)[:MOST_EVENTS])
    return CaseFilePage(
        case=case,
        is_outside=mediates,
        is_clear=clear,
        may_reveal=policy.allows(actor.role, "case.reveal"),
        phases=phases_of(_read_by(actor, events), topic=topic, clear=clear),
        clocks=[Clock(clock_table.name_of(row.kind), row) for row in _clocks(case)],
        cards=[] if mediates else _cards(case, judged, clear=clear),
        parties=[_party_line(party, clear=clear, actor=actor) for party in cases.parties(case)],
        assessments=judged,
        steps=[] if mediates else triage.colour_history(case),
        visited=[event.data["to"] for event in events if "to" in event.data] + ["scene"],
        parts=parts_of(case, names=MEDIATION_PARTS if mediates else tuple(PARTS)),
        at=at,
    )


def order_in_sight(actor: PostActor, case_no: str, *, at: datetime) -> WorkOrder | None:
    """For the other side: the newest order of the case sent to it, OutOfScope (404) before. None else."""
    if not is_order_side(actor):
        return None
    order = orders_visible_to(actor, at=at).filter(case__case_no=case_no).first()
    if order is None:
        raise OutOfScope("没有找到该案件，或不在当前岗位的查看范围内。")
    return order


def topic_tabs(topic: str) -> list[dict[str, Any]]:
    """The filters of the timeline."""
    named = [("", "全部"), *((code, title) for code, (title, _) in TOPICS.items())]
    return [
        {"title": title, "url": f"?topic={code}#timeline", "is_current": code == topic}
        for code, title in named
    ]


def phases_of(events: Iterable[CaseEvent], *, topic: str, clear: bool) -> list[PhaseLines]:
    """The timeline by phase 初期/中期/后期, oldest first; free text is masked unless clear."""
    kinds = TOPICS[topic][1] if topic in TOPICS else ("",)
    lines: dict[int, list[EventLine]] = {}
    for event in events:
        if event.kind.startswith(kinds):
            lines.setdefault(event.phase, []).append(_line(event, clear=clear))
    return [PhaseLines(str(Phase(phase).label), lines[phase]) for phase in sorted(lines)]


def timeline_of(actor: PostActor, case_no: str, *, at: datetime) -> QuerySet[CaseEvent]:
    """The events of a case in reach, for the API; OutOfScope for units that see orders only."""
    case = cases.get_case(actor, case_no, at=at)
    if is_order_side(actor):
        raise OutOfScope()
    events = cases.timeline(case)
    if actor.role == Role.MEDIATOR:
        events = events.filter(kind__regex=f"^({'|'.join(kind[:-1] for kind in MEDIATION_EVENTS)})[.]")
    return events


def _read_by(actor: PostActor, events: list[CaseEvent]) -> list[CaseEvent]:
    if actor.role != Role.MEDIATOR:
        return events
    return [event for event in events if event.kind.startswith(MEDIATION_EVENTS)]


def _line(event: CaseEvent, *, clear: bool) -> EventLine:
    said = event_words.say(event)
    return EventLine(
        event.at, event.actor_label, said.text, said.detail if clear else masks.redact(said.detail)
    )


def _clocks(case: Case) -> QuerySet[Deadline]:
    return cases.open_deadlines(case).select_related("holder_unit", "holder_post__user")


def _cards(case: Case, judged: list[Any], *, clear: bool) -> list[tuple[Alert, Any]]:
    newest = {one.alert_id: one for one in reversed(judged) if one.alert_id}
    alerts = (
        Alert.objects.filter(case=case)
        .select_related("source", "station")
        .defer("reporter_name", "reporter_phone")
        .order_by("-received_at", "-id")[:MOST_ALERTS]
    )
    return [
        (alert, triage.card_of(newest[alert.pk], clear=clear) if alert.pk in newest else None)
        for alert in alerts
    ]


def _party_line(party: Party, *, clear: bool, actor: PostActor) -> PartyLine:
    """Names are clear within the station's own open cases; phone and ID number one traced tap away."""
    shows_name = clear and actor.role not in MASKED_ALWAYS
    return PartyLine(
        party=party,
        name=party.name if shows_name else masks.mask_name(party.name),
        phone=masks.mask_phone(party.phone),
        id_number="" if actor.role == Role.MEDIATOR else masks.mask_id(party.id_number),
        is_name_clear=shows_name,
    )
