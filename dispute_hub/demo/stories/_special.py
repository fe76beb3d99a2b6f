"""Stories that every page needs one of: returns, merges, pools, requests that wait, messages set aside."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case
from dispute_hub.common.time import beijing_date
from dispute_hub.demo.calls import Call
from dispute_hub.demo.stage import Received, Stage
from dispute_hub.demo.stories._after import answer, asked_by, follow_up
from dispute_hub.demo.stories._mediation import agreed, mediated
from dispute_hub.demo.stories._scene import Step, crew_of, handled
from dispute_hub.demo.stories._tracking import responsible, second_of
from dispute_hub.demo.timeline import Story
from followup import services as followup
from followup.models import FollowUp
from intake import services as intake
from intake.api import item_class
from intake.api._answer import answer as told
from mediation import services as mediation
from mediation.models import AgendaEntry
from routing import services as routing
from routing.models import Push
from triage import services as triage

BACK = "{a}称刚才民警走后不久{b}又找上门来，手里拿着菜刀站在门口骂，扬言要砍人，家里有老人。"


def return_fight(stage: Stage, call: Call, *, at: datetime) -> Story:
    """回流警情: settled on the scene, back with a knife two hours later, brought in."""
    got = stage.receive(call, at=at)
    at = yield from handled(stage, got, "settled", at)
    at = yield stage.minutes(90, 150)
    other = call.other or call.reporter
    words = BACK.format(a=f"{call.reporter.name[0]}某", b=f"{other.name[0]}某")
    again = stage.receive(call.again(words, flags=("涉刀",)), at=at)
    yield from handled(stage, again, "brought_in", at)


def relapse(stage: Stage, call: Call, *, at: datetime) -> Story:
    """Settled on the scene; at the follow-up the reporter tells that it is back."""
    got = stage.receive(call, at=at)
    at = yield from handled(stage, got, "settled", at)
    yield stage.hours(70, 76)
    yield from follow_up(stage, got.case, at=at, relapses=True)


def contacted(stage: Stage, got: Received, at: datetime) -> Step:
    """Unsettled at the scene, push 2 signed, the parties called."""
    at = yield from handled(stage, got, "unsettled", at)
    push = second_of(got.case)
    assert push is not None
    at = yield stage.next_morning(at) if push.status == Push.Status.QUEUED else stage.minutes(3, 25)
    push.refresh_from_db()
    officer = responsible(stage, got.case)
    if push.status == Push.Status.ISSUED:
        leader = stage.who(Role.STATION_CHIEF, stage.unit("XZ"))[0]
        routing.sign_push(push, actor=leader if push.colour == "red" else officer, at=at)
    at = yield stage.in_office(at + stage.minutes(20, 90))
    routing.record_contact(got.case, mode="phone", text=stage.word("contact"), actor=officer, at=at)
    got.case.refresh_from_db()
    return at


def instalments(stage: Stage, call: Call, *, at: datetime, broken: int = 0) -> Story:
    """A written agreement in three instalments; the last `broken` of them are not paid."""
    got = stage.receive(call, at=at)
    at = yield from contacted(stage, got, at)
    officer, mediator = responsible(stage, got.case), stage.mediator_of(got.case)
    at, session = yield from mediated(stage, got.case, officer, at, mediator=mediator, result="agreed")
    host = stage.actor_at(mediator.post_id)
    agreed(stage, got.case, host, session, at, form="written", instalments=3, broken=broken)
    stage.timeline.tell(follow_up(stage, got.case, at=at), at=at)


def session_planned(stage: Stage, call: Call, *, at: datetime, on_at: datetime) -> Story:
    """A session is arranged for an instant that is still to come, or just over."""
    got = stage.receive(call, at=at)
    at = yield from contacted(stage, got, at)
    mediator = stage.mediator_of(got.case)
    plan = mediation.SessionPlan(
        planned_at=max(on_at, at), place="镇综治中心调解室", mediator=mediator, both_willing=True
    )
    mediation.convene_session(got.case, plan, actor=responsible(stage, got.case), at=at)


def grade_asked(stage: Stage, call: Call, *, at: datetime, decision: str = "") -> Story:
    """A lower colour or level is asked for; a chief grants or refuses it, or it still waits."""
    got = stage.receive(call, at=at)
    at = yield from contacted(stage, got, at)
    officer = responsible(stage, got.case)
    at = yield stage.minutes(30, 120)
    case = got.case
    if case.colour == "blue":
        triage.raise_colour(case, colour="yellow", reason=stage.word("raise_colour"), actor=officer, at=at)
        case.refresh_from_db()
    lower = {"red": "orange", "orange": "yellow", "yellow": "blue"}[case.colour]
    reason = stage.word("lower_colour")
    made = triage.propose_regrade(case, kind="colour", to=lower, reason=reason, actor=officer, at=at)
    if decision:
        at = yield stage.in_office(at + stage.hours(0.5, 3))
        chief = stage.who(Role.STATION_CHIEF, stage.unit("XZ"))[0]
        text = "" if decision == "granted" else stage.word("refuse_lower")
        triage.decide_regrade(made.pk, approve=decision == "granted", text=text, actor=chief, at=at)


def merged(stage: Stage, call: Call, *, at: datetime) -> Story:
    """Two calls by different people about one quarrel: the dispatcher attaches the second by hand."""
    first = stage.receive(call, at=at)
    at = yield stage.minutes(6, 15)
    neighbour = stage.caller.person("reporter")
    words = "来电人称隔壁两户人家在争吵，声音很大，请民警来看看。"
    second = stage.receive(replace(call, reporter=neighbour, other=None, narrative=words), at=at)
    at = yield stage.minutes(2, 5)
    second.alert.refresh_from_db()
    intake.attach(second.alert, to=first.case, actor=stage.actor("dispatcher"), at=at)
    first.case.refresh_from_db()
    yield from both_handled(stage, first, second, at)


def both_handled(stage: Stage, first: Received, second: Received, at: datetime) -> Step:
    """One crew, one scene, two calls: each gets its feedback."""
    if second.push is not None:
        second.push.refresh_from_db()
        routing.sign_push(second.push, actor=crew_of(stage, second.push), at=at)
    at = yield from handled(stage, first, "unsettled", at)
    if second.push is not None:
        second.push.refresh_from_db()
        text = "与前一起警情为同一事件，已一并处置。"
        crew = crew_of(stage, second.push)
        routing.feed_back(second.push, outcome="unsettled", text=text, actor=crew, at=at)
    return at


def clue(stage: Stage, call: Call, *, at: datetime, source: str, dispatched: bool = True) -> Story:
    """A clue from another source waits in the pool until a station takes it."""
    got = stage.receive(call, at=at, source=source, crew=False)
    if dispatched:
        at = yield stage.in_office(at + stage.minutes(10, 200))
        station = stage.units[call.station]
        command = stage.one(Role.STATION_COMMAND, station)
        routing.dispatch_pool(got.case, station=station, actor=command, at=at, to="tracking")


def reported(stage: Stage, call: Call, *, at: datetime, outcome: str) -> Story:
    """Fed back, and left to the command room: 非纠纷 and 无效 wait for its word."""
    got = stage.receive(call, at=at)
    yield from handled(stage, got, outcome, at)


def more_calls(stage: Stage, call: Call, *, at: datetime) -> Story:
    """A second call about the same event while the crew is under way (催警)."""
    got = stage.receive(call, at=at)
    at = yield stage.minutes(3, 6)
    second = stage.receive(call.again(f"{call.narrative}再次来电催促，请尽快到场。"), at=at)
    yield from both_handled(stage, got, second, at)


def set_aside(stage: Stage, *, at: datetime, dropped: bool = False) -> Story:
    """A signed message nobody can read lands in the quarantine."""
    source = stage.sources["110"]
    body = {
        "alert_no": f"330784{at:%Y%m%d}X{at:%H%M}",
        "received_at": "2026年",
        "address": "象珠镇清渭街村大兴路",
    }
    envelope = intake.Envelope(
        source=source, actor=SourceActor(source.code, source.reception_id),
        message_id=f"msg_demo_{at:%d%H%M%S}",
        raw=json.dumps(body, ensure_ascii=False).encode(), content_type="application/json",
    )  # fmt: skip
    intake.accept_message(envelope, classify=item_class, answer=told, at=at)
    if dropped:
        at = yield stage.minutes(20, 60)
        entry = source.quarantined.filter(state="open").order_by("-id")[0]
        reason = "已与来源单位核实，为联调测试报文。"
        intake.drop_quarantined(entry, reason=reason, actor=stage.actor("duty_commander"), at=at)


def overdue_visit(stage: Stage, call: Call, *, at: datetime, waived: bool = False) -> Story:
    """Settled long ago, and nobody has asked yet; or a chief has waived the asking."""
    got = stage.receive(call, at=at)
    at = yield from handled(stage, got, "settled", at)
    row = FollowUp.objects.filter(case=got.case).order_by("due_at").first()
    if row is None:
        return
    if waived:
        at = yield stage.in_office(at + timedelta(days=2))
        chief = stage.who(Role.STATION_CHIEF, stage.unit("XZ"))[0]
        followup.waive(row, reason=stage.word("waive_follow_up"), actor=chief, at=at)


def close_asked(stage: Stage, call: Call, *, at: datetime) -> Story:
    """A grave case whose follow-up is done waits for the chief's word."""
    got = stage.receive(call, at=at)
    at = yield from contacted(stage, got, at)
    officer = responsible(stage, got.case)
    at = yield stage.in_office(at + stage.hours(3, 8))
    agreed(stage, got.case, officer, None, at, form="oral", instalments=0)
    for row in FollowUp.objects.filter(case=got.case).order_by("due_at"):
        at = yield stage.in_office(row.due_at - stage.hours(2, 12))
        row.refresh_from_db()
        answer(stage, row, asked_by(stage, row, got.case), at=at)


def consulted(stage: Stage, case: Case, *, role: str, level: str, at: datetime, done: int = 0) -> AgendaEntry:
    """On the agenda of a meeting, with a task; the first `done` cases are finished."""
    convener = stage.actor(role)
    today = beijing_date(at)
    meeting = mediation.convene_consultation(level=level, held_on=today, actor=convener, at=at)
    reason = stage.word("consult_reason")
    entry = mediation.put_on_agenda(meeting, case, reason=reason, actor=convener, at=at)
    owner = stage.rng.choice((stage.unit("XZ"), stage.unit("XZ-01"), stage.unit("XZ-ZZ")))
    due_at = stage.on_day(at + timedelta(days=stage.rng.randint(1, 4)), 17)
    mediation.decide(
        entry, unit=owner, task=stage.word("task"), due_at=due_at, actor=convener, at=at,
        points="双方矛盾焦点已梳理，按任务分工推进。",
    )  # fmt: skip
    return entry
