"""Calls that come in at 象珠, and the stage alone: what follows an assessment belongs to other tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common import time
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert, Source
from triage import engine, selectors, services
from triage import reference as reference_data
from triage.models import Replay, RuleSet
from triage.services import _replaying, _rules

CALM = "报警人称楼上邻居空调滴水，双方多次沟通，请民警来协调一下。"
PUSHED = "报警人称与邻居因停车发生口角，双方互相推搡，没有受伤。"
KNIFE = "报警人称邻居手持菜刀堵在门口，扬言要砍死他。"
LOST = "报警人称在菜市场丢失一个钱包，内有身份证和现金两百元。"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing follows an assessment here, nor an ended or repeated one."""
    for kind in ("case.assessed", "case.colour_raised", "alert.repeated", "case.tracking", "case.settled"):
        monkeypatch.setitem(lifecycle.FOLLOWED_BY, kind, ())


@pytest.fixture(autouse=True)
def fresh_rules() -> Iterator[None]:
    """Compiled rule sets of a rolled-back test are forgotten."""
    yield
    _rules._compiled.cache_clear()


@pytest.fixture
def source(cast: Any, clock: Any) -> Source:
    return Source.objects.create(
        code="110", name="110", kind="110", reception=cast.units.reception, bureau=cast.units.bureau,
        opens_as="scene",
    )  # fmt: skip


@pytest.fixture
def reference(clock: Any, db: None) -> None:
    reference_data.load(at=clock.at)


Call = Callable[..., Alert]


@pytest.fixture
def call(cast: Any, source: Source, clock: Any) -> Call:
    """`call(narrative, phone=…, address=…)`: one alert of the 110 machine, at the clock's instant."""
    numbers = iter(range(1, 1000))

    def receive(
        narrative: str, *, phone: str = "13800001111", alert_no: str = "", version: int = 1, **facts: Any
    ) -> Alert:
        units = cast.units
        given = {"address": "象珠镇象珠一村12号", "station": units.station.code, "grid": units.grid.code}
        message = AlertFacts(
            alert_no=alert_no or f"A{next(numbers)}", received_at=time.now(), narrative=narrative,
            version=version, reporter=PartyFacts(role="reporter", phone=phone), **(given | facts),
        )  # fmt: skip
        actor = SourceActor(source.code, units.reception.pk)
        receipt = intake.receive(message, source=source, actor=actor, at=time.now())
        return Alert.objects.select_related("case").get(pk=receipt.alert.pk)

    return receive


def handled(alert: Alert, outcome: str, at: datetime) -> None:
    """Officers report back."""
    intake.record_outcome(alert, outcome=outcome, text="已处置", confirmed_item="", at=at)


HOUR = timedelta(hours=1)


# Replays: a softer version tried on stored alerts ----------------------------------------------------------


@pytest.fixture
def softer(reference, cast, clock) -> RuleSet:
    """The rules in force without their red floors: every red falls to yellow."""
    content = {**engine.load_rules().draft, "version": "2"}
    content["factor"] = [
        {**one, "floor": "yellow" if one["floor"] == "red" else one["floor"]} for one in content["factor"]
    ]
    return RuleSet.objects.create(
        version="2",
        content=content,
        digest=_rules.digest_of(content),
        created_at=clock.at,
        author=cast.bureau.user,
    )


@pytest.fixture
def ask(softer, cast, clock) -> Any:
    def start(rule_set: RuleSet | None = None, *, days: int = 30, actor: Any = None) -> Replay:
        clock.advance(minutes=1)
        return services.request_replay(
            rule_set or softer, since=clock.at - timedelta(days=days), until=clock.at,
            actor=actor or cast.bureau, at=clock.at,
        )  # fmt: skip

    return start


@pytest.fixture
def small_slices(monkeypatch) -> None:
    monkeypatch.setattr(_replaying, "SLICE", 3)


def run(replay: Replay, at: Any) -> Replay:
    """As the worker does it, to the end."""
    while services.run_slice(replay.pk, at=at):
        pass
    return selectors.get_replay(replay.pk)


def call_some(call: Any, clock: Any) -> None:
    for number, text in enumerate((CALM, KNIFE, PUSHED, LOST, CALM, KNIFE, CALM)):
        clock.advance(hours=30)
        call(text, phone=f"1390000000{number}", address=f"象珠镇象珠一村{number}号")
