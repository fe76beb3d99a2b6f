"""C3: whatever order callbacks, people and the clock come in, a case's history stays legal."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.common.errors import Refused
from dispute_hub.outbox import nudge, services
from dispute_hub.outbox.models import Connector, OutboxRow
from reports import invariants
from routing import services as routing
from routing.models import OPEN_ORDERS, WorkOrder
from routing.services import _order_machine
from routing.services._order_machine import TRANSITIONS
from tests.outbox import platforms
from tests.reliability.chores import Town
from tests.routing.orders import Story

STATUSES = ("received", "accepted", "working", "returned", "settled", "nonsense")
# The acts of people, through the services their pages call.
ACTS = ("accept", "return", "recall", "assign", "feed_back", "settle", "verify_yes", "verify_no")


class Interleaving(RuleBasedStateMachine):
    """One order between a platform, two offices and the clock. `world` is set by the test."""

    world: ClassVar[Any] = None

    @initialize()
    def an_order_is_sent(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        time.set_for_tests(self.world.began_at)
        self.order = self.world.story.sent()
        self.row = self._delivery()
        self.seen = [self.order.status]

    def _delivery(self) -> OutboxRow:
        """What the platform got to hear of the order; its callbacks name this delivery."""
        row = OutboxRow.objects.filter(target="grid", case_id=self.order.case_id).last()
        return row or platforms.publish(self.world.cast, self.world.clock, case_id=self.order.case_id)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @rule(status=st.sampled_from(STATUSES), again=st.booleans())
    def the_platform_calls_back(self, status: str, again: bool) -> None:
        raw = json.dumps({"id": str(self.row.message_id), "status": status}).encode()
        name = status if again else uuid.uuid4().hex
        connector = Connector.objects.get(code="grid")
        self._try(
            lambda: services.take_callback(
                connector, name, raw, content_type="application/json", at=time.now()
            )
        )

    @rule(name=st.sampled_from(ACTS))
    def somebody_acts(self, name: str) -> None:
        self._try(lambda: self.world.story.act(name, WorkOrder.objects.get(pk=self.order.pk)))

    @rule()
    def the_platform_is_drained(self) -> None:
        platforms.drain(self.world.clock, Connector.objects.get(code="grid"))

    @rule(minutes=st.sampled_from([1, 30, 180, 1500, 10_000]))
    def time_goes_by(self, minutes: int) -> None:
        time.advance(timedelta(minutes=minutes))
        deadlines.sweep(at=time.now())

    @rule()
    def nobody_took_a_diversion(self) -> None:
        routing.return_unaccepted(at=time.now())

    @invariant()
    def the_history_is_legal(self) -> None:
        if not hasattr(self, "order"):
            return
        status = WorkOrder.objects.get(pk=self.order.pk).status
        before = self.seen[-1]
        assert status == before or TRANSITIONS.allows(before, status), f"{before} -> {status}"
        if status != before:
            self.seen.append(status)
        for check in (invariants.every_status_has_its_event, invariants.no_order_open_and_closed):
            assert list(check(time.now())) == []

    @invariant()
    def what_has_ended_has_no_open_clock(self) -> None:
        if not hasattr(self, "order"):
            return
        order = WorkOrder.objects.get(pk=self.order.pk)
        open_clocks = Deadline.objects.filter(subject_kind="workorder", subject_id=order.pk, state="open")
        if order.status not in OPEN_ORDERS:
            assert not open_clocks.exists()
        # Two early rungs may meet on the morning after rest days; of every other there is one.
        late = CaseEvent.objects.filter(case=order.case_id, kind__startswith="deadline.")
        late = late.exclude(kind="deadline.warned")
        assert late.values("subject_id", "kind", "data__step_at").distinct().count() == late.count()

    def _try(self, act: Callable[[], Any]) -> None:
        """Do it as its door would: whole, or refused in words with nothing left behind."""
        before = Case.objects.get(pk=self.order.case_id).version
        try:
            with transaction.atomic():
                act()
        except Refused:
            assert Case.objects.get(pk=self.order.case_id).version == before


@pytest.fixture
def world(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setattr(nudge, "_send", lambda *args, **said: None)
    platforms.answers(monkeypatch)
    town = Town(cast, clock)
    platforms.connector(cast, clock)
    story = Story(cast, clock, lambda *_, **fields: town.call(**fields))
    return SimpleNamespace(cast=cast, clock=clock, story=story, began_at=clock.at)


def played(world: SimpleNamespace, examples: int) -> None:
    machine = type("Played", (Interleaving,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=8,
            deadline=None,
            database=None,
            derandomize=True,
            print_blob=False,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_c3_every_interleaving_is_legal(world, hardness, figure) -> None:
    number = {"slice": 8, "ci": 120}.get(hardness.name, hardness.examples)
    played(world, number)
    figure("C3", f"illegal histories in {number} random interleavings of 8 steps", 0, "0")


@pytest.mark.sabotage
def test_c3_turns_red(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that does not ask what the order is by now."""
    blind = SimpleNamespace(allows=lambda *_: True, check=lambda *_, **__: None)
    monkeypatch.setattr(_order_machine, "TRANSITIONS", blind)
    with pytest.raises((AssertionError, DatabaseError)):
        played(world, 40)
