"""Work for every registered task: a task without an entry here fails its test (R10).

Each entry leaves something for its task to do at the clock's instant and returns the task's arguments.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.contrib.sessions.models import Session
from django.db import transaction

from dispute_hub.cases import clock_recount, deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Deadline, Recount
from dispute_hub.common import time
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import Connector, OutboxRow
from followup.models import FollowUp
from intake import services as intake
from intake.models import Alert
from mediation import services as mediation
from mediation.models import Mediator
from mediation.papers import files
from routing import selectors as routing_selectors
from routing import services as routing
from tests.cases.builders import a_case
from tests.intake.conftest import ACTOR, facts, make_source
from tests.intake.test_imports import GOOD, table
from tests.mediation.conftest import draft
from tests.outbox import platforms
from triage import services as triage
from triage.models import RuleSet


@dataclass
class Town:
    """Who is there, what time it is, and a machine that sends alerts."""

    cast: Any
    clock: Any

    def __post_init__(self) -> None:
        triage.load_reference(at=self.clock.at)
        self.source = make_source(self.cast.units.reception, self.cast.units.bureau)
        self.count = 0

    def call(self, narrative: str = "邻居因楼道堆放杂物发生口角，双方情绪平稳。", **fields: Any) -> Alert:
        self.count += 1
        said = facts(
            self.clock.at, alert_no=f"A{self.count:05d}", narrative=narrative,
            address=f"象珠镇象珠一村{self.count}号", **fields,
        )  # fmt: skip
        return intake.receive(said, source=self.source, actor=ACTOR, at=self.clock.at).alert

    def tracked(self) -> Case:
        push = routing_selectors.first_push_of(self.call())
        officer, at = self.cast.officer, self.clock.at
        routing.sign_push(push, actor=officer, at=at)
        routing.feed_back(push, outcome="unsettled", text="双方各执一词。", actor=officer, at=at)
        return Case.objects.get(pk=push.case_id)

    def settled(self) -> Case:
        actor, at, tracked = self.cast.community_officer, self.clock.at, self.tracked()
        with transaction.atomic():
            case = cases.lock(tracked.pk)
            cases.mark_settled(case, how="on_scene", text="和解。", actor=actor, at=at)
        return case


def _notice(town: Town) -> tuple[Any, ...]:
    message = outbox.Message(
        kind="push.issued", title="新的一推", urgency="alarm", post_id=town.cast.officer.post.pk
    )
    outbox.notify(message, at=town.clock.at, case_id=None)
    return (OutboxRow.objects.latest("id").pk,)


def _notices(town: Town) -> tuple[Any, ...]:
    _notice(town), _notice(town)
    return ()


def _platform(town: Town) -> tuple[Any, ...]:
    connector = platforms.connector(town.cast, town.clock)
    for number in range(3):
        platforms.publish(town.cast, town.clock, n=number)
    return (connector.pk,)


def _broken_platform(town: Town) -> tuple[Any, ...]:
    long_ago = town.clock.at - timedelta(hours=80)
    platforms.connector(town.cast, town.clock, circuit=Connector.Circuit.OPEN, opened_at=long_ago)
    platforms.publish(town.cast, town.clock)
    OutboxRow.objects.filter(target="grid").update(state="dead", dead_at=long_ago)
    return ()


def _due_clocks(town: Town) -> tuple[Any, ...]:
    for _ in range(5):
        case = a_case(town.cast, town.clock.at)
        holder = deadlines.Holder(unit_id=case.station_id, role="officer")
        deadlines.start(case, case, "push_first.sign", key="yellow", holder=holder, at=town.clock.at)
    town.clock.advance(minutes=10)
    return ()


def _recount(town: Town) -> tuple[Any, ...]:
    """A clock whose date is no longer what the table says."""
    case = a_case(town.cast, town.clock.at)
    holder = deadlines.Holder(unit_id=case.station_id, role="officer")
    deadlines.start(case, case, "push_first.feed_back", key="blue", holder=holder, at=town.clock.at)
    Deadline.objects.update(due_at=town.clock.at + timedelta(days=9))
    clock_recount.request(Recount.Cause.CALENDAR, "节假日调整", at=town.clock.at)
    town.clock.advance(minutes=1)
    return ()


def _december(town: Town) -> tuple[Any, ...]:
    town.clock.set("2026-12-01T09:00:00+08:00")
    return ()


def _old_session(town: Town) -> tuple[Any, ...]:
    town.cast.client(town.cast.officer)
    Session.objects.update(expire_date=time.now() - timedelta(days=3650))
    return ()


def _missed_visit(town: Town) -> tuple[Any, ...]:
    town.settled()
    assert FollowUp.objects.exists()
    town.clock.advance(days=60)
    return ()


def _import(town: Town) -> Any:
    rows = [GOOD.replace("W001", f"W{number}").replace("12号", f"{number}号") for number in range(100, 103)]
    actor, at = town.cast.station_command, town.clock.at
    batch = intake.judge_table(table(*rows), file_name="警情.csv", kind="12345", actor=actor, at=at)
    intake.start_import(batch, actor=actor, at=at)
    return batch


def _unused_right(town: Town) -> tuple[Any, ...]:
    """An agreement whose thirty days for judicial confirmation are over."""
    cast, at = town.cast, town.clock.at
    mediator = Mediator.objects.create(post=cast.mediator.post, organisation=cast.units.mediation_org)
    plan = mediation.SessionPlan(
        planned_at=at + timedelta(hours=2), place="调解室", both_willing=True, mediator=mediator
    )
    session = mediation.convene_session(town.tracked(), plan, actor=cast.community_officer, at=at)
    record = mediation.SessionRecord(result="agreed", record="当事人愿意分期支付。", attendance="王甲、李乙")
    session = mediation.record_session(session, record, actor=cast.mediator, at=at)
    mediation.conclude_agreement(session.case, draft(session=session), actor=cast.mediator, at=at)
    town.clock.advance(days=31)
    return ()


def _orphan_file(town: Town) -> tuple[Any, ...]:
    path = Path(files.folder()) / f"{'a' * 32}.docx"
    path.write_bytes(b"x")
    old = town.clock.at.timestamp() - 100_000
    os.utime(path, (old, old))
    return ()


def _day_of_figures(town: Town) -> tuple[Any, ...]:
    town.tracked()
    town.clock.advance(days=1)
    return ()


def _evening(town: Town) -> tuple[Any, ...]:
    town.tracked()
    town.clock.set("2026-03-05T08:05:00+08:00")
    return ()


def _unaccepted(town: Town) -> tuple[Any, ...]:
    case = town.call("报警人反映小区物业费收费标准不合理，要求协调解决。").case
    Case.objects.filter(pk=case.pk).update(colour="blue", side="non_police")
    told = routing.Diversion(target=town.cast.units.centre, reason="属物业服务纠纷", delivery="signed")
    actor, at = town.cast.station_command, town.clock.at
    routing.divert(Case.objects.get(pk=case.pk), told, actor=actor, at=at)
    town.clock.advance(hours=3)
    return ()


def _replay(town: Town) -> Any:
    town.call()
    town.clock.advance(hours=1)
    bureau, at = town.cast.bureau, town.clock.at
    rules = RuleSet.objects.get(version="1")
    return triage.request_replay(rules, since=at - timedelta(days=5), until=at, actor=bureau, at=at)


def _silent_replay(town: Town) -> tuple[Any, ...]:
    _replay(town)
    town.clock.advance(minutes=5)
    return ()


def _silent_beat(town: Town) -> tuple[Any, ...]:
    outbox.beat("beat", at=town.clock.at)
    town.clock.advance(minutes=2)
    return ()


def _nothing(*args: Any) -> Callable[[Town], tuple[Any, ...]]:
    return lambda town: args


CHORES: Final[dict[str, Callable[[Town], tuple[Any, ...]]]] = {
    "dispute_hub.audit.tasks.seal": lambda town: (town.tracked(), ())[1],
    "dispute_hub.cases.tasks.recount": _recount,
    "dispute_hub.cases.tasks.sweep_deadlines": _due_clocks,
    "dispute_hub.cases.tasks.warn_of_missing_table": _december,
    "dispute_hub.outbox.tasks.deliver": _notice,
    "dispute_hub.outbox.tasks.drain": _platform,
    "dispute_hub.outbox.tasks.reconcile": _platform,
    "dispute_hub.outbox.tasks.sweep": _notices,
    "dispute_hub.outbox.tasks.watch_platforms": _broken_platform,
    "dispute_hub.tasks.canary": _nothing("deliver"),
    "dispute_hub.tasks.clear_sessions": _old_session,
    "dispute_hub.tasks.send_canaries": _nothing(),
    "dispute_hub.tasks.stand_in": _silent_beat,
    "followup.tasks.mark_missed": _missed_visit,
    "intake.tasks.import_batch": lambda town: (_import(town).pk,),
    "intake.tasks.import_pending": lambda town: (_import(town), ())[1],
    "mediation.tasks.clear_orphan_files": _orphan_file,
    "mediation.tasks.lapse_confirmations": _unused_right,
    "reports.tasks.count_dirty": _day_of_figures,
    "reports.tasks.recount": _day_of_figures,
    "routing.tasks.issue_sheets": _evening,
    "routing.tasks.return_unaccepted_diversions": _unaccepted,
    "triage.tasks.replay_slice": lambda town: (_replay(town).pk,),
    "triage.tasks.revive_replays": _silent_replay,
}
# Work in slices: the last turn marks the end.
TURNS: Final = {"dispute_hub.cases.tasks.recount": 2}
# What these do leaves no row: a message to the broker, a file.
WITHOUT_ROWS: Final = {
    "mediation.tasks.clear_orphan_files",
    "triage.tasks.revive_replays",
}
