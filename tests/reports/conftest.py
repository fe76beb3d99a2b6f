"""Cases that really came in, at 象珠 and in other statuses, for everything that reads across stages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from intake.models import Alert
from routing import selectors as routing
from routing import services as pushes
from tests.cast import Cast
from tests.routing.conftest import CALM, KNIFE, LOST, PUSHED, call, source  # noqa: F401

OTHER_PLACE = {
    "station": "330784-GS",
    "grid": "330784-GS-C1-W1",
    "address": "古山镇古山一村8号",
    "reporter": cases.PartyFacts(role="reporter", name="古山甲", phone="13800000011"),
    "parties": (cases.PartyFacts(name="古山乙", phone="13800000012"),),
}


@pytest.fixture
def handled(call: Callable[..., Alert], cast: Cast, clock: Any) -> Callable[..., Case]:  # noqa: F811
    """An alert signed and fed back by the crew: `handled("settled")`, `handled("unsettled", text=KNIFE)`."""

    def handle(outcome: str, *, text: str = CALM, at: datetime | None = None, **fields: Any) -> Case:
        instant = at or clock.at
        alert = call(text, at=instant, **fields)
        push = routing.first_push_of(alert)
        officer = cast.other_officer if fields.get("station") == "330784-GS" else cast.officer
        pushes.sign_push(push, actor=officer, at=instant)
        pushes.feed_back(push, outcome=outcome, text="原因、经过、结果均已告知。", actor=officer, at=instant)
        return Case.objects.get(pk=alert.case_id)

    return handle


def people(number: int) -> dict[str, Any]:
    """Another caller at another address: not the same dispute."""
    return {
        "reporter": cases.PartyFacts(role="reporter", name=f"报警{number}", phone=f"1390000{number:04d}"),
        "parties": (cases.PartyFacts(name=f"对方{number}", phone=f"1370000{number:04d}"),),
        "address": f"象珠镇象珠{number}村{number}号",
    }


@pytest.fixture
def case(handled: Callable[..., Case]) -> Case:
    """A red case that the responsible officer tracks."""
    return handled("unsettled", text=KNIFE)


def page(cast: Cast, actor: Any, url: str) -> Any:
    """What the page answers to this person."""
    return cast.client(actor).get(url)
