"""From the call to the crew's feedback."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.demo.calls import Call
from dispute_hub.demo.stage import Received, Stage
from dispute_hub.demo.stories._after import follow_up
from dispute_hub.demo.stories._tracking import track
from dispute_hub.demo.timeline import Story
from routing import services as routing
from routing.models import Push

# A step of a longer story, with the instant it ended at.
Step = Generator[timedelta | datetime, datetime, datetime]

# Minutes until the crew signs; the limits are those of the handbook, so a few are late.
SIGNED_WITHIN: Final = {"red": 0.8, "orange": 2.5, "yellow": 8, "blue": 24, "": 2.5}
# What becomes of a call, by colour: weights.
OUTCOMES: Final = {
    "blue": {"settled": 60, "unsettled": 14, "absent": 6, "waived": 5, "handed_over": 4,
             "settled_at_risk": 5, "brought_in": 6},
    "yellow": {"settled": 36, "unsettled": 22, "brought_in": 16, "settled_at_risk": 16, "absent": 6,
               "case_filed": 4},
    "orange": {"brought_in": 32, "unsettled": 26, "settled_at_risk": 24, "case_filed": 18},
    "red": {"brought_in": 36, "case_filed": 40, "unsettled": 24},
    "": {"not_dispute": 1},
}  # fmt: skip


def crew_of(stage: Stage, push: Push) -> PostActor:
    """One of the officers the push is for."""
    if push.addressee_posts:
        return stage.actor_at(push.addressee_posts[0])
    return stage.one("officer", push.addressee_unit or stage.unit("XZ"))


def handled(stage: Stage, got: Received, outcome: str, at: datetime, *, suggest: str = "") -> Step:
    """Signed, arrived, fed back: the crew's part of any call."""
    push = got.push
    assert push is not None, "a dispatched alert has its push"
    crew = crew_of(stage, push)
    late = 2.2 if stage.chance(0.04) else 1
    at = yield stage.minutes(0.2, SIGNED_WITHIN[push.colour] * late)
    if stage.chance(0.08):
        command = stage.one("station_command", got.alert.station or stage.unit("XZ"))
        number = crew.user.police_number
        routing.sign_push(push, actor=command, at=at, on_behalf_of=number, how="radio")
    else:
        routing.sign_push(push, actor=crew, at=at)
    at = yield stage.minutes(3, 5 if push.colour == "red" else 14)
    routing.arrive(push, actor=crew, at=at)
    at = yield stage.minutes(15, 100)
    routing.feed_back(
        push, outcome=outcome, text=stage.word("feedback", outcome), actor=crew, at=at,
        confirmed_item=got.case.item_code, suggest_push_second=suggest,
    )  # fmt: skip
    got.case.refresh_from_db()
    return at


def outcome_for(stage: Stage, case: Case) -> str:
    """What becomes of a call of this colour. Family violence never ends on the scene."""
    weights = OUTCOMES[case.colour if case.item_code != "X0000" else ""]
    if case.item_code == "P0401":
        return "case_filed"
    return stage.rng.choices(list(weights), weights=list(weights.values()))[0]


def call(stage: Stage, call: Call, *, at: datetime, outcome: str = "", source: str = "110") -> Story:
    """A whole case from the call on; what follows is chosen unless `outcome` says it."""
    got = stage.receive(call, at=at, source=source, crew=stage.chance(0.8))
    outcome = outcome or outcome_for(stage, got.case)
    suggest = stage.word("suggest") if outcome == "settled" and stage.chance(0.05) else ""
    at = yield from handled(stage, got, outcome, at, suggest=suggest)
    if outcome in ("not_dispute", "void"):
        yield from confirmed(stage, got.case, outcome, at)
    elif got.case.status == Status.SETTLED:
        stage.timeline.tell(follow_up(stage, got.case, at=at), at=at)
    else:
        stage.timeline.tell(track(stage, got.case, at=at), at=at)


def confirmed(stage: Stage, case: Case, outcome: str, at: datetime) -> Step:
    """The command room confirms 非纠纷 or 无效 (after a call-back)."""
    at = yield stage.minutes(20, 300)
    command = stage.one("station_command", case.station or stage.unit("XZ"))
    text = stage.word(f"confirm_{outcome}")
    cases.confirm_no_dispute(case, as_status=outcome, text=text, actor=command, at=at)
    return at


def stopped(stage: Stage, call: Call, *, at: datetime, after: int) -> Story:
    """A call whose crew has got as far as `after` steps: 0 issued, 1 signed, 2 arrived."""
    got = stage.receive(call, at=at)
    assert got.push is not None
    crew = crew_of(stage, got.push)
    if after >= 1:
        at = yield stage.minutes(0.3, 0.7)
        routing.sign_push(got.push, actor=crew, at=at)
    if after >= 2:
        at = yield stage.minutes(3, 4.5)
        routing.arrive(got.push, actor=crew, at=at)
