"""One set of everything at 象珠, made by the right people through the real services; built once a module.

Every case has its own caller with invented data that is easy to find again: `CANARY` matches whatever of it
must not leak. Every free text carries markup (`MARKUP`) that must stay text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dispute_hub.accounts.actor import SYSTEM, SourceActor
from dispute_hub.cases import deadlines
from dispute_hub.cases import reference as clock_reference
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, ClockTable, Party
from dispute_hub.cases.services import PartyFacts
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox import tasks as outbox_tasks
from dispute_hub.outbox.models import Difference, Notice
from dispute_hub.outbox.wire import Outcome
from followup.models import FollowUp, Supervision
from followup.services import Answers, issue_supervision
from followup.services import record_result as record_visit
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert, Quarantine, Source
from mediation import services as mediation
from mediation.models import Decision, Mediator
from routing import selectors, services
from routing.models import OrderUnit, Push
from tests.cast import Cast
from tests.doors import rosters
from tests.doors.rarities import assisting, crews, emergency, lost_contact, stepping_aside
from tests.intake.conftest import SECRET, Sender
from tests.intake.test_imports import GOOD, table
from tests.outbox.platforms import connector
from tests.routing.orders import REPORT
from triage import services as triage
from triage.models import RuleSet

PHONE, TOLD_PHONE, ID_NUMBER = re.compile(r"1398765\d{4}"), re.compile(r"1377654\d{4}"), "99978419800101"
NAME, HOUSE = "金丝雀", "金丝雀路"
MARKUP = '<script>alert(1)</script>"><img src=x onerror=a()>{{7*7}}{% load x %} hx-get=/x hx-on:click=a()'
CALM = "邻居因楼道堆放杂物发生口角，双方情绪平稳，请民警到场调解。"
KNIFE = "双方因停车争执，一人从车上拿出菜刀，扬言要砍死对方，现场多人围观。"


@dataclass
class World:
    """Who is there and what there is: `case["tracked"]`, `no["accepted"]`."""

    cast: Cast
    clock: Any
    source: Source
    case: dict[str, Case] = field(default_factory=dict)
    alert: dict[str, Alert] = field(default_factory=dict)
    no: dict[str, str] = field(default_factory=dict)
    id: dict[str, int] = field(default_factory=dict)
    count: int = 0

    @property
    def at(self) -> Any:
        return self.clock.at

    def call(self, name: str, narrative: str = CALM) -> Alert:
        """An alert of a new caller from a new address; its case is `case[name]`."""
        self.count += 1
        number = f"{self.count:04d}"
        caller = PartyFacts(
            role="reporter", name=f"{NAME}{MARKUP[:20]}", phone=f"1398765{number}", sex="女", id_type="01",
            id_number=f"{ID_NUMBER}{number}",
        )  # fmt: skip
        facts = AlertFacts(
            alert_no=f"D{number}", received_at=self.at, address=f"象珠镇{HOUSE}{self.count}号{MARKUP}",
            narrative=f"{narrative}回拨1377654{number}。{MARKUP}", reporter=caller,
            parties=(PartyFacts(name=f"对方{self.count}"),), station="330784-XZ", grid="330784-XZ-C1-W1",
        )  # fmt: skip
        actor = SourceActor(self.source.code, self.source.reception_id)
        receipt = intake.receive(facts, source=self.source, actor=actor, at=self.at)
        self.alert[name] = Alert.objects.get(pk=receipt.alert.pk)
        assert self.alert[name].case_id, "every call opens a case"
        self.case[name] = Case.objects.get(pk=self.alert[name].case_id)
        return self.alert[name]

    def reported(self, name: str, outcome: str = "unsettled", narrative: str = CALM) -> Case:
        """A case whose crew signed and reported."""
        push = selectors.first_push_of(self.call(name, narrative))
        assert push is not None
        services.sign_push(push, actor=self.cast.officer, at=self.at)
        services.feed_back(
            push, outcome=outcome, text=f"到场处置。{MARKUP}", actor=self.cast.officer, at=self.at
        )
        self.case[name] = Case.objects.get(pk=self.case[name].pk)
        return self.case[name]

    def proposed(self, name: str) -> Any:
        draft = services.ThirdPushDraft(
            grade="normal", difficulty="general", report=REPORT, lead_unit=self.cast.units.department
        )
        case = self.reported(name)
        order = services.propose_third_push(case, draft, actor=self.cast.station_command, at=self.at)
        self.no[name] = order.no
        return order

    def sent(self, name: str) -> Any:
        return services.approve_order(self.proposed(name), actor=self.cast.station_chief, at=self.at)

    def accepted(self, name: str) -> Any:
        return services.accept_order(self.sent(name), actor=self.cast.centre, at=self.at)


def build(cast: Cast, clock: Any) -> World:
    """Everything, at 09:00 of Tuesday 2026-03-24."""
    clock.set("2026-03-04T09:00:00+08:00")
    triage.load_reference(at=clock.at)
    source = intake.register_source(
        "110", kind="110", name="永康110", reception=cast.units.reception, bureau=cast.units.bureau,
        secret=SECRET, at=clock.at,
    )  # fmt: skip
    world = World(cast, clock, source)
    _supervised(world)
    clock.set("2026-03-23T10:00:00+08:00")
    for part in (_pushes, _orders, _mediation, _follow_ups, _desk, _rules, _platforms):
        part(world)
    for rarity in (crews, stepping_aside, emergency, assisting):
        rarity(world, MARKUP)
    clock.set("2026-03-24T08:00:00+08:00")
    _sheet(world)
    clock.set("2026-03-24T09:00:00+08:00")
    outbox_tasks.sweep()
    world.id["notice"] = Notice.objects.filter(post=cast.community_officer.post).latest("id").pk
    return world


def _supervised(world: World) -> None:
    """A visit nobody made: the ladder proposes a 督办, the bureau signs it."""
    world.reported("supervised", "settled")
    world.clock.set("2026-03-21T00:00:00+08:00")
    deadlines.sweep(at=world.at)
    row = Supervision.objects.filter(kind="order").latest("id")
    issue_supervision(row, demand=f"三日内回访{MARKUP}", actor=world.cast.bureau, at=world.at)
    world.id["supervision"] = row.pk


def _pushes(world: World) -> None:
    cast = world.cast
    world.id["push"] = selectors.first_push_of(world.call("scene")).pk
    world.reported("tracked")
    world.id["deadline"] = deadlines.Deadline.objects.filter(case=world.case["tracked"]).latest("id").pk
    world.reported("red", narrative=KNIFE)
    made = triage.propose_regrade(
        world.case["red"], kind="colour", to="yellow", reason=f"刀系切菜所用{MARKUP}",
        actor=cast.community_officer, at=world.at,
    )  # fmt: skip
    world.id["regrade"] = made.pk
    world.id["second"] = Push.objects.get(case=world.case["red"], tier=2).pk


def _orders(world: World) -> None:
    cast, at = world.cast, world.at
    world.proposed("proposed")
    world.sent("sent")
    order = services.assign_order(
        world.accepted("accepted"),
        tasks=[
            services.TaskDraft(cast.units.department, "lead", f"核实{MARKUP}"),
            services.TaskDraft(cast.units.grid, task=f"上门{MARKUP}"),
        ],
        actor=cast.centre, at=at,
    )  # fmt: skip
    extension = services.extend_order(
        order, until_at=at + timedelta(days=40), reason="当事人在外地", actor=cast.centre, at=at
    )
    world.id["extension"] = extension.pk
    services.settle_order(
        world.accepted("to_verify"), how="oral_agreement", text="双方约定轮流使用。", actor=cast.centre, at=at
    )
    lost_contact(world, MARKUP)
    told = services.Diversion(target=cast.units.centre, reason="属民事纠纷，无治安违法行为")
    world.no["diverted"] = services.divert(
        world.reported("diverted"), told, actor=cast.station_command, at=at
    ).no
    world.no["watched"] = world.no["diverted"]
    world.call("pending")
    world.no["pending"] = services.propose_diversion(
        world.case["pending"], told, actor=cast.dispatcher, at=at
    ).no
    matter = services.CounterDraft(
        text=f"有人在村口收保护费{MARKUP}", station=cast.units.station, address=f"象珠镇{HOUSE}村口"
    )
    world.no["counter"] = services.send_counter_order(matter, actor=cast.centre, at=at).no
    world.id["task"] = OrderUnit.objects.get(order__no=world.no["accepted"], part="lead").pk


def _mediation(world: World) -> None:
    cast, at = world.cast, world.at
    mediator = Mediator.objects.create(
        post=cast.mediator.post, organisation=cast.units.mediation_org, stationed_at=cast.units.station
    )
    plan = mediation.SessionPlan(
        planned_at=at + timedelta(hours=2), place="调解室", both_willing=True, mediator=mediator
    )
    for name in ("mediated", "agreed"):
        session = mediation.convene_session(world.reported(name), plan, actor=cast.community_officer, at=at)
        world.id[f"session_{name}"] = session.pk
    record = mediation.SessionRecord(result="agreed", record=f"双方陈述{MARKUP}", attendance="双方到场")
    held = mediation.record_session(session, record, actor=cast.mediator, at=at)
    draft = mediation.AgreementDraft(
        form="written", facts="楼道堆物争执。", terms=("甲方清理楼道。", MARKUP),
        parties=(mediation.PartyDetails(f"{NAME}甲", sex="女"), mediation.PartyDetails("对方乙")),
        promises=(mediation.Promise("支付", date(2026, 4, 30), Decimal("100.00")),),
        total_amount=Decimal("100.00"), performance_way="现金", session=held,
    )  # fmt: skip
    agreement = mediation.conclude_agreement(world.case["agreed"], draft, actor=cast.mediator, at=at)
    world.no["agreement"] = agreement.number
    world.id["paper"] = mediation.make_agreement_paper(agreement, actor=cast.mediator, at=at).pk
    entry = mediation.bring_to_consultation(
        world.reported("consulted"), level="day", held_on=date(2026, 3, 23), reason="当日未化解",
        tasks=[mediation.Task(cast.units.department, f"核查{MARKUP}", at + timedelta(days=3))],
        actor=cast.station_chief, at=at,
    )  # fmt: skip
    world.id |= {"consultation": entry.consultation_id, "entry": entry.pk}
    world.id["decision"] = Decision.objects.get().pk
    world.id["session_party"] = Party.objects.filter(case=world.case["mediated"]).earliest("id").pk


def _follow_ups(world: World) -> None:
    cast = world.cast
    case = world.reported("settled", "settled")
    world.id["follow_up"] = FollowUp.objects.get(case=case).pk
    world.id["visit_party"] = Party.objects.filter(case=case).earliest("id").pk
    done = world.reported("done", "settled")
    said = {"mode": "call", "result_kept": True, "knot": False, "new_dispute": False}
    record_visit(
        FollowUp.objects.get(case=done), text=f"相安无事{MARKUP}", actor=cast.station_command, at=world.at,
        answers=[Answers(side="reporter", **said), Answers(side="other", **said)],
    )  # fmt: skip


def _desk(world: World) -> None:
    cast = world.cast
    answer = Sender().raw(f'{{"station": "330784-XZ", "narrative": "{MARKUP}'.encode())
    world.id["quarantine"] = Quarantine.objects.get(pk=answer.json()["quarantine_id"]).pk
    batch = intake.judge_table(
        table(GOOD, GOOD.replace("W001", "W002").replace(",2,", ",二,")), file_name="警情.csv", kind="12345",
        actor=cast.station_command, at=world.at,
    )  # fmt: skip
    world.id["batch"] = batch.pk


def _rules(world: World) -> None:
    """The rules in force tried on everything so far."""
    in_force = RuleSet.objects.get(status="active")
    replay = triage.request_replay(
        in_force, since=world.at - timedelta(days=30), until=world.at, actor=world.cast.bureau, at=world.at
    )
    triage.run_slice(replay.pk, at=world.at)
    world.id |= {"rule_set": in_force.pk, "replay": replay.pk}
    clock_reference.load(at=world.at)
    table = ClockTable.objects.get(status="active")
    draft = cases.draft_clock_table(table, note=f"放宽{MARKUP}", actor=world.cast.bureau, at=world.at)
    world.id["table"] = draft.pk
    world.id["limit"] = cases.propose_unit_limit(
        world.cast.units.station, kind="push_second.sign", key="orange", limit="1 hours",
        reason=f"城区{MARKUP}", actor=world.cast.station_chief, at=world.at,
    ).pk  # fmt: skip


def _platforms(world: World) -> None:
    """A platform, and a delivery that it would not take."""
    to = connector(world.cast, world.clock)
    outbox.publish("order.sent", {"no": f"J1{MARKUP}"}, at=world.at, case_id=None, bureau_id=to.unit_id)
    row = outbox.claim_outward(to.pk, at=world.at)
    assert row is not None
    refusal = Outcome("refused", f"对方拒收{MARKUP}", 422, is_final=True)
    outbox.settle(row, refusal, at=world.at)
    world.id["letter"] = row.pk
    word = {"id": str(row.message_id), "status": "nonsense", "text": MARKUP}
    outbox.take_callback(to, "c1", json.dumps(word).encode(), content_type="application/json", at=world.at)
    world.id["difference"] = Difference.objects.get().pk


def _sheet(world: World) -> None:
    sheet = services.issue_sheet(
        world.cast.units.station, sheet_on=date(2026, 3, 24), actor=SYSTEM, at=world.at
    )
    world.id |= rosters.build(world.cast, at=world.at, markup=MARKUP)
    world.id["row"] = sheet.rows.filter(case=world.case["tracked"]).earliest("id").pk
