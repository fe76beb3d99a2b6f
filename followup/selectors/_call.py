"""What stands on the page of one follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case, Party, SettleHow, Status
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.masks import mask_phone
from followup.models import (
    OPEN_FOLLOW_UPS,
    FollowUp,
    FollowUpAnswer,
    FollowUpStatus,
    FollowUpTry,
    Mode,
    Side,
)
from followup.plans import plans
from followup.selectors._lists import SIDE_OF, clock_of


@dataclass(frozen=True, slots=True)
class Person:
    """One party on the call page: clear name for who calls, number behind the tap."""

    party: Party
    name: str
    phone: str
    called_lately: bool


@dataclass(frozen=True, slots=True)
class SideCard:
    """One side: its people, and its answers once it was asked."""

    code: str
    title: str
    people: list[Person]
    answers: FollowUpAnswer | None


@dataclass(frozen=True, slots=True)
class Card:
    """One follow-up for this post: what it is about, who to ask, what was tried and said."""

    is_open: bool
    may_record: bool
    clock: dict[str, Any]
    sides: list[SideCard]
    tries: list[FollowUpTry]
    plan: list[FollowUp]

    @property
    def asked(self) -> set[str]:
        """Sides that have answered."""
        return {side.code for side in self.sides if side.answers}


def card_of(follow_up: FollowUp, actor: PostActor, *, at: datetime) -> Card:
    """The page of one follow-up. Names are clear for who may ask, while it is open (handbook, masks)."""
    recording = may_record(actor, follow_up)
    people = people_of(follow_up, clear=recording, at=at)
    answers = {one.side: one for one in follow_up.answers.select_related("asked_by__user")}
    plan = FollowUp.objects.filter(settlement=follow_up.settlement_id).order_by("number")
    return Card(
        is_open=follow_up.status in OPEN_FOLLOW_UPS,
        may_record=recording,
        clock=clock_of(follow_up),
        sides=[SideCard(side, side.label, people[side], answers.get(side)) for side in Side],
        tries=list(follow_up.failed_tries.select_related("tried_by__user").order_by("id")),
        plan=list(plan),
    )


def asked_sides(follow_up: FollowUp) -> set[str]:
    """Sides that have answered or declined."""
    return set(follow_up.answers.values_list("side", flat=True))


def told(follow_up: FollowUp) -> str:
    """What became of it, in a sentence for the person who saved it."""
    case = follow_up.case
    if case.status == Status.TRACKING:
        return "已保存：回访发现反复，案件已重新跟踪，其余回访终止。"
    if case.status == Status.CLOSED:
        return "已保存：回访全部完成，案件已办结。"
    if case.close_proposed_at is not None:
        return "已保存：回访全部完成，办结已报所领导审批。"
    if follow_up.status == FollowUpStatus.DONE:
        return f"已保存：本次回访完成{'，发现心结未解，已重新研判' if follow_up.is_bad else ''}。"
    if follow_up.mode == Mode.VISIT and follow_up.next_try_on:
        return "已保存：另一方尚未访到，请上门回访。"
    return "已保存：尚有一方未回访，本次回访仍在待办中。"


def answer_of(follow_up: FollowUp) -> dict[str, Any]:
    """The API's answer after a result."""
    case = follow_up.case
    return {
        "id": follow_up.pk,
        "status": follow_up.status,
        "case_no": case.case_no,
        "case_status": case.status,
        "colour": case.colour,
        "is_bad": follow_up.is_bad,
        "sides_left": [side for side in Side.values if side not in asked_sides(follow_up)],
        "close_proposed": case.close_proposed_at is not None,
    }


def may_record(actor: PostActor, follow_up: FollowUp) -> bool:
    """Whether the page offers the call form: the post may, and the follow-up is still open."""
    return follow_up.status in OPEN_FOLLOW_UPS and policy.allows(actor.role, "follow_up.record")


def people_of(follow_up: FollowUp, *, clear: bool, at: datetime) -> dict[str, list[Person]]:
    """The parties by side; `called_lately` says that one combined call within 7 days is used up."""
    parties = list(Party.objects.filter(case=follow_up.case_id, role__in=SIDE_OF).order_by("id"))
    lately = _called_lately(follow_up, parties, at=at)
    sides: dict[str, list[Person]] = {side: [] for side in Side.values}
    for party in parties:
        phone = mask_phone(party.phone) if party.phone else ""
        person = Person(party, party.shown_name(clear=clear), phone, party.phone_blind in lately)
        sides[SIDE_OF[Party.PartyRole(party.role)]].append(person)
    return sides


def _called_lately(follow_up: FollowUp, parties: Sequence[Party], *, at: datetime) -> set[Any]:
    """Blind numbers of parties who were asked in another case within 7 days (handbook 10)."""
    blinds = [party.phone_blind for party in parties if party.phone]
    since = at - timedelta(days=plans()["same_person_within_days"])
    asked = FollowUp.objects.filter(answers__answered_at__gt=since).exclude(case=follow_up.case_id)
    rows = Party.objects.filter(phone_blind__in=blinds, case__in=asked.values("case_id"))
    return set(rows.values_list("phone_blind", flat=True)) if blinds else set()


def get_party(follow_up: FollowUp, party_id: int) -> Party:
    """A party of the follow-up's case; OutOfScope for anybody else's."""
    party = Party.objects.filter(case=follow_up.case_id, pk=party_id).first()
    if party is None:
        raise OutOfScope("没有找到该当事人。")
    return party


def has_agreement(case: Case) -> bool:
    """Whether there is something to perform."""
    return case.settle_how in (SettleHow.AGREEMENT, SettleHow.ORAL_AGREEMENT)
