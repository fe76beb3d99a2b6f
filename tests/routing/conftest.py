"""Alerts that really come in: through the intake, coloured by the rules, pushed by the followers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case
from dispute_hub.cases.services import PartyFacts
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert, Source
from routing import selectors, services
from routing.models import LostContact
from tests.cast import Cast
from tests.routing.lost import CALLED, propose, tried
from tests.routing.orders import Story
from triage import services as triage

CALM = "邻居因楼道堆放杂物发生口角，双方情绪平稳，请民警到场调解。"
KNIFE = "双方因停车争执，一人从车上拿出菜刀，扬言要砍死对方，现场多人围观。"
PUSHED = "两人因借款纠纷发生推搡，无人受伤，双方饮酒后情绪激动。"
LOST = "报警人称钱包在公交车上丢失，请求查找。"

CALLER = PartyFacts(role="reporter", name="报警甲", phone="13800000001")
OTHER = PartyFacts(name="对方乙", phone="13800000002")


@pytest.fixture(autouse=True)
def _later_stages_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What mediation and follow-up do after us is told in their own tests and in the journeys."""
    for kind, paths in lifecycle.FOLLOWED_BY.items():
        kept = tuple(path for path in paths if not path.startswith(("mediation.", "followup.")))
        monkeypatch.setitem(lifecycle.FOLLOWED_BY, kind, kept)


@pytest.fixture
def source(cast: Cast, clock: Any) -> Source:
    triage.load_reference(at=clock.at)
    return intake.register_source(
        "110",
        kind="110",
        name="永康110",
        reception=cast.units.reception,
        bureau=cast.units.bureau,
        secret="whsec_ZGlzcHV0ZS1odWItZGVtby1zZWNyZXQtMTEw",
        at=clock.at,
    )


@pytest.fixture
def call(source: Source, clock: Any) -> Callable[..., Alert]:
    """Receive an alert now: `call(KNIFE)`, `call(CALM, officers=("330002",))`.

    The door classifies before it stores; here the class of the last case stands in, so that a second call
    of the same people from the same place joins it.
    """
    counter = iter(range(1, 1000))

    def receive(narrative: str = CALM, *, at: datetime | None = None, **fields: Any) -> Alert:
        instant = at or clock.at
        facts = AlertFacts(
            alert_no=f"A{next(counter):05d}",
            received_at=instant,
            address="象珠镇象珠一村12号",
            narrative=narrative,
            reporter=CALLER,
            parties=(OTHER,),
            station="330784-XZ",
            grid="330784-XZ-C1-W1",
        )
        last = Case.objects.order_by("id").last()
        facts = replace(facts, item_class=last.item_code[:3] if last else "", **fields)
        actor = SourceActor(source.code, source.reception_id)
        receipt = intake.receive(facts, source=source, actor=actor, at=instant)
        return Alert.objects.select_related("case", "source").get(pk=receipt.alert.pk)

    return receive


@pytest.fixture
def handle(call: Callable[..., Alert], cast: Cast, clock: Any) -> Callable[..., Case]:
    """An alert that a crew has signed and reported: `handle(CALM, "unsettled")` → its case."""

    def run(narrative: str = CALM, outcome: str = "unsettled", **fields: Any) -> Case:
        alert = call(narrative, **fields)
        push = services.sign_push(selectors.first_push_of(alert), actor=cast.officer, at=clock.at)
        services.feed_back(push, outcome=outcome, text="到场处置。", actor=cast.officer, at=clock.at)
        return Case.objects.get(pk=alert.case_id)

    return run


@pytest.fixture
def story(cast: Cast, clock: Any, call: Callable[..., Alert]) -> Story:
    """Orders of the third push in any status: `story.accepted()`."""
    return Story(cast, clock, call)


@pytest.fixture
def lost(story: Story, cast: Cast, clock: Any) -> LostContact:
    """Somebody nobody reached at 核查: the officer has asked a leader."""
    return propose(tried(story.to_verify(), cast, clock, *CALLED), cast, clock)
