"""Push 2 and what the responsible officer does with it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.stories._after import follow_up
from dispute_hub.demo.stories._mediation import agreed, mediated
from dispute_hub.demo.stories._orders import third_push
from dispute_hub.demo.timeline import Overtaken, Story
from routing import services as routing
from routing.models import CaseFile, CaseFileStep, Push
from triage import services as triage

# How a tracked case goes on: weights.
WAYS: Final = {"officer": 38, "mediator": 26, "third_push": 20, "plain": 12, "linger": 4}
FAMILY_VIOLENCE: Final = "P0401"


def second_of(case: Case) -> Push | None:
    """The push 2 of a case that is not over."""
    pushes = Push.objects.filter(case=case, tier=Push.Tier.SECOND).exclude(status=Push.Status.ENDED)
    return pushes.select_related("addressee_post", "addressee_unit").first()


def responsible(stage: Stage, case: Case) -> PostActor:
    """The responsible officer of the case, without one the command room."""
    push = second_of(case)
    if push is not None and push.addressee_post is not None:
        return stage.actor_at(push.addressee_post.pk)
    if case.holder_post is not None and case.holder_post.role == "community_officer":
        return stage.actor_at(case.holder_post.pk)
    return stage.one("station_command", case.station or stage.unit("XZ"))


def track(stage: Stage, case: Case, *, at: datetime, way: str = "") -> Story:
    """Push 2 signed, the parties contacted, then one of the ways to an end."""
    push = second_of(case)
    if push is None:
        return
    at = yield stage.next_morning(at) if push.status == Push.Status.QUEUED else stage.minutes(4, 26)
    push.refresh_from_db()
    officer = responsible(stage, case)
    if push.status == Push.Status.ISSUED:
        leader = stage.who("station_chief", case.station or stage.unit("XZ"))[0]
        routing.sign_push(push, actor=leader if push.colour == "red" else officer, at=at)
    at = yield stage.in_office(at + stage.hours(0.5, 8))
    if stage.chance(0.06):
        at = yield stage.in_office(at + stage.hours(40, 80))
    case.refresh_from_db()
    mode = stage.rng.choice(("phone", "visit", "office"))
    routing.record_contact(case, mode=mode, text=stage.word("contact"), actor=officer, at=at)
    if stage.chance(0.1) and case.colour in ("yellow", "blue"):
        triage.raise_colour(case, colour="orange", reason=stage.word("raise_colour"), actor=officer, at=at)
    at = yield stage.in_office(at + stage.hours(6, 90))
    case.refresh_from_db()
    if case.status != Status.TRACKING:
        return
    way = way or _way(stage, case)
    stage.timeline.tell(ENDINGS[way](stage, case, officer, at), at=at)


def taken_up(stage: Stage, push: Push, *, at: datetime) -> Story:
    """A push 2 that lay too long is signed and answered after all, and the case goes on."""
    case, officer = push.case, responsible(stage, push.case)
    leader = stage.who("station_chief", case.station or stage.unit("XZ"))[0]
    if push.status == Push.Status.ISSUED:
        routing.sign_push(push, actor=leader if push.colour == "red" else officer, at=at)
    at = yield stage.minutes(15, 200)
    routing.record_contact(case, mode="phone", text=stage.word("contact"), actor=officer, at=at)
    at = yield stage.in_office(at + stage.hours(20, 60))
    case.refresh_from_db()
    if case.status == Status.TRACKING:
        stage.timeline.tell(ENDINGS[_way(stage, case)](stage, case, officer, at), at=at)


def _way(stage: Stage, case: Case) -> str:
    if CaseFile.objects.filter(case=case).exists() or case.item_code == FAMILY_VIOLENCE:
        return "penalty"
    return stage.rng.choices(list(WAYS), weights=list(WAYS.values()))[0]


def penalised(stage: Stage, case: Case, officer: PostActor, at: datetime) -> Story:
    """受案 with a decision; family violence needs one before it may end."""
    file = CaseFile.objects.filter(case=case).first()
    family = case.item_code == FAMILY_VIOLENCE
    decision = CaseFileStep.Decision.ADMONITION if family else CaseFileStep.Decision.PENALTY
    routing.record_case_file_step(
        case, step=CaseFileStep.Step.DECIDED, decision=decision, kind=CaseFile.Kind.ADMINISTRATIVE,
        number=f"永公（象）行罚决字〔{at.year}〕{stage.rng.randint(1000, 9999)}号", file=file, actor=officer,
        at=at,
    )  # fmt: skip
    at = yield stage.in_office(at + stage.hours(20, 50))
    yield from ended(stage, case, officer, at, how="penalty")


def plain(stage: Stage, case: Case, officer: PostActor, at: datetime) -> Story:
    """No agreement: told the lawful way, given up, or nobody to be found."""
    yield from ended(stage, case, officer, at, how=stage.rng.choice(("legal_route", "waived", "terminated")))


def ended(stage: Stage, case: Case, officer: PostActor, at: datetime, *, how: str) -> Story:
    """Settled by the station's own word; the follow-up begins."""
    case.refresh_from_db()
    if case.status != Status.TRACKING:
        raise Overtaken
    text = {"legal_route": "legal", "waived": "waived"}.get(how, "settle")
    cases.settle(case, how=how, text=stage.word(text), actor=officer, at=at)
    stage.timeline.tell(follow_up(stage, case, at=at), at=at)
    yield from ()


def by_officer(stage: Stage, case: Case, officer: PostActor, at: datetime) -> Story:
    """The responsible officer mediates himself; twice in ten the first sitting fails."""
    if officer.role != "community_officer":
        yield from ended(stage, case, officer, at, how="terminated")
        return
    first = "failed" if stage.chance(0.2) else "agreed"
    at, session = yield from mediated(stage, case, officer, at, mediator=None, result=first)
    if first == "failed":
        at = yield stage.in_office(at + stage.hours(30, 60))
        at, session = yield from mediated(stage, case, officer, at, mediator=None, result="agreed")
    agreed(stage, case, officer, session, at, form=stage.rng.choice(("oral", "written")))
    stage.timeline.tell(follow_up(stage, case, at=at), at=at)


def by_mediator(stage: Stage, case: Case, officer: PostActor, at: datetime) -> Story:
    """A mediator of the street is asked, holds the session and writes the agreement."""
    mediator = stage.mediator_of(case)
    at, session = yield from mediated(stage, case, officer, at, mediator=mediator, result="agreed")
    agreed(stage, case, stage.actor_at(mediator.post_id), session, at, form="written")
    stage.timeline.tell(follow_up(stage, case, at=at), at=at)


def linger(stage: Stage, case: Case, officer: PostActor, at: datetime) -> Story:
    """Nothing comes of it yet; the officer keeps calling."""
    for _ in range(6):
        at = yield stage.in_office(at + stage.hours(90, 150))
        case.refresh_from_db()
        if case.status == Status.TRACKING:
            text = stage.word("contact")
            routing.record_contact(case, mode="phone", text=text, actor=officer, at=at)


ENDINGS: Final = {
    "officer": by_officer,
    "mediator": by_mediator,
    "third_push": third_push,
    "plain": plain,
    "linger": linger,
    "penalty": penalised,
}
