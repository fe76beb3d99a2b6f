"""Settled cases of 象珠派出所 and the stage alone: what other stages do is theirs to tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, SettleHow
from dispute_hub.cases.services import PartyFacts
from followup.models import FollowUp
from followup.services import Answers, _plan
from tests.cases.builders import a_case
from tests.cast import Cast

CALLER = PartyFacts(role="reporter", name="报警甲", phone="13800000001")
OTHER = PartyFacts(role="party", name="对方乙", phone="13800000002")
WITNESS = PartyFacts(role="witness", name="证人丙", phone="13800000003")
GOOD = {"result_kept": True, "knot": False, "new_dispute": False}


@pytest.fixture(autouse=True)
def _other_stages_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, paths in lifecycle.FOLLOWED_BY.items():
        kept = tuple(path for path in paths if not path.startswith(("mediation.", "routing.")))
        monkeypatch.setitem(lifecycle.FOLLOWED_BY, kind, kept)


@pytest.fixture(autouse=True)
def mediators(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """Whose session a case had: `mediators[case.pk] = cast.mediator.post`."""
    known: dict[int, Any] = {}
    monkeypatch.setattr(_plan.mediation, "mediator_post", lambda case: known.get(case.pk))
    return known


Settled = Callable[..., Case]


@pytest.fixture
def settled(cast: Cast, clock: Any, mediators: dict[int, Any]) -> Settled:
    """A case settled now: `settled("red", how="agreement", mediator=cast.mediator)`."""

    def settle(
        colour: str = "yellow", *, how: str = SettleHow.ON_SCENE, mediator: Any = None, item: str = "",
        by: Any = None, at: datetime | None = None, held_by: Any = None, parties: tuple = (CALLER, OTHER),
    ) -> Case:  # fmt: skip
        instant = at or clock.at
        case = a_case(cast, instant, status="tracking", colour=colour, parties=parties)
        post = held_by.post if held_by else None
        Case.objects.filter(pk=case.pk).update(item_code=item, holder_post=post)
        if mediator is not None:
            mediators[case.pk] = mediator.post
        case = cases.lock(case.pk)
        cases.mark_settled(case, how=how, text="双方和解。", actor=by or cast.community_officer, at=instant)
        return Case.objects.get(pk=case.pk)

    return settle


def visits(case: Case) -> list[FollowUp]:
    """The follow-ups of a case in their order."""
    return list(FollowUp.objects.filter(case=case).order_by("id"))


def both(mode: str = "call", **said: Any) -> list[Answers]:
    """The same words from both sides; all is well unless said otherwise."""
    return [one(side, mode, **said) for side in ("reporter", "other")]


def one(side: str = "reporter", mode: str = "call", **said: Any) -> Answers:
    """What one side said."""
    return Answers(side=side, mode=mode, **(GOOD | said))
