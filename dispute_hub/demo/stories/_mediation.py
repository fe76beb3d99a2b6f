"""Sessions and agreements, and what becomes of their promises."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case, Party
from dispute_hub.common.time import beijing_date, day_bounds
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.timeline import Overtaken, Story
from mediation import services as mediation
from mediation.models import (
    Agreement,
    MediationSession,
    Mediator,
    PerformanceItem,
    SessionOrigin,
    SessionStatus,
)

Held = Generator[timedelta | datetime, datetime, tuple[datetime, MediationSession]]


def mediated(
    stage: Stage, case: Case, officer: PostActor, at: datetime, *, mediator: Mediator | None, result: str
) -> Held:
    """Convened by the officer, held one to three days later by him or by the mediator."""
    planned = stage.in_office(at + stage.hours(12, 60))
    plan = mediation.SessionPlan(
        planned_at=planned, place="派出所调解室" if mediator is None else "镇综治中心调解室",
        origin=SessionOrigin.POLICE, mediator=mediator, both_willing=True,
    )  # fmt: skip
    session = mediation.convene_session(case, plan, actor=officer, at=at)
    host = stage.actor_at(mediator.post_id) if mediator else officer
    at = yield planned + stage.minutes(30, 100)
    session.refresh_from_db()
    if session.status == SessionStatus.CANCELLED:
        raise Overtaken
    record = mediation.SessionRecord(
        result=result, record=stage.word("record"), attendance=stage.word("attendance"),
        result_text=stage.word("settle") if result == "agreed" else "",
    )  # fmt: skip
    mediation.record_session(session, record, actor=host, at=at)
    session.refresh_from_db()
    return at, session


def agreed(
    stage: Stage, case: Case, actor: PostActor, session: MediationSession | None, at: datetime, *,
    form: str, instalments: int | None = None, broken: int = 0,
) -> Agreement:  # fmt: skip
    """An agreement between the parties, with instalments for some; the last `broken` of them fail."""
    if instalments is None:
        instalments = stage.rng.choice((0, 0, 1, 2, 3))
    share = Decimal(stage.rng.randint(5, 60) * 100)
    today = beijing_date(at)
    promises = tuple(
        mediation.Promise(
            what=f"第{'一二三四'[number]}期赔偿款",
            due_on=today + timedelta(days=7 * number + 3),
            amount=share,
        )
        for number in range(instalments)
    )
    draft = mediation.AgreementDraft(
        form=form, facts=stage.word("facts"), terms=(stage.word("terms"), "本协议一式三份，双方各执一份。"),
        parties=_details(stage, case), promises=promises, session=session,
        performance_way="银行转账" if promises else "",
    )  # fmt: skip
    agreement = mediation.conclude_agreement(case, draft, actor=actor, at=at)
    case.refresh_from_db()
    items = list(agreement.items.order_by("number"))
    for place, item in enumerate(items):
        is_kept = place < instalments - broken
        stage.timeline.tell(performed(stage, item, actor, at=at, is_kept=is_kept), at=at)
    return agreement


def _details(stage: Stage, case: Case) -> tuple[mediation.PartyDetails, ...]:
    parties = list(Party.objects.filter(case=case).exclude(role=Party.PartyRole.WITNESS).order_by("id")[:2])
    details = [
        mediation.PartyDetails(
            name=party.name, party=party, sex=party.sex, ethnicity="汉族", age=stage.rng.randint(24, 68),
            occupation=stage.rng.choice(("务工", "务农", "个体经营")), phone=party.phone,
            address=case.address,
        )
        for party in parties
    ]  # fmt: skip
    while len(details) < 2:
        details.append(mediation.PartyDetails(name=stage.caller.person("party").name, address=case.address))
    return tuple(details)


def performed(stage: Stage, item: PerformanceItem, actor: PostActor, *, at: datetime, is_kept: bool) -> Story:
    """On its last day a promise is kept, or it is not."""
    start, _ = day_bounds(item.due_on)
    at = yield max(stage.on_day(start, 15), at + timedelta(hours=1))
    proof = stage.word("kept" if is_kept else "broken")
    mediation.record_performance(item, performed=is_kept, proof=proof, actor=actor, at=at)
