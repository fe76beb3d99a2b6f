"""What the visitor finds at 象珠 on first opening: each kind of thing once or more, told back from now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from dispute_hub.common.time import BEIJING
from dispute_hub.demo import stories
from dispute_hub.demo.calls import Call, of_colour, street_of
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.stories import _orders as orders
from dispute_hub.demo.timeline import Story

AREA_VILLAGES: Final = 2
Told = Callable[[Stage, Call, datetime], Story]


def at_hand(stage: Stage, colour: str, *, own_area: bool = False) -> Call:
    """A call of this colour at 象珠; `own_area` in the villages of the visitor's responsible officer.

    Grave ones come from outside the family: family violence has its own way to an end.
    """
    patterns = [one for one in of_colour(colour) if colour != "orange" or one.place != "home"]
    while True:
        call = stage.caller.call(stage.rng.choice(patterns), street_of("XZ"))
        if not own_area or call.grid.split("-C")[1][0] in "12":
            return call


def tell_programme(stage: Stage, *, now: datetime) -> None:
    """Put the set pieces on the timeline, the oldest first in no particular order."""
    _at_the_scene(stage, now)
    _tracked(stage, now)
    _orders(stage, now)
    _after_settling(stage, now)
    _elsewhere(stage, now)


def _at_the_scene(stage: Stage, now: datetime) -> None:
    """Unsigned, late, signed and arrived crews; feedback that waits for the command room."""
    for colour, minutes, after in (
        ("red", 1.0, 0), ("orange", 2.0, 0), ("yellow", 4.0, 0), ("blue", 9.0, 0), ("yellow", 26.0, 0),
        ("blue", 55.0, 0), ("orange", 7.0, 1), ("blue", 95.0, 1), ("yellow", 48.0, 2), ("orange", 75.0, 2),
    ):  # fmt: skip
        at = now - timedelta(minutes=minutes)
        stage.timeline.tell(stories.stopped(stage, at_hand(stage, colour), at=at, after=after), at=at)
    for outcome, hours in (("not_dispute", 5), ("void", 9), ("not_dispute", 28)):
        at = now - timedelta(hours=hours)
        call = at_hand(stage, "" if outcome == "not_dispute" else "void")
        stage.timeline.tell(stories.reported(stage, call, at=at, outcome=outcome), at=at)
    at = now - timedelta(hours=20)
    stage.timeline.tell(stories.more_calls(stage, at_hand(stage, "yellow"), at=at), at=at)


def _tracked(stage: Stage, now: datetime) -> None:
    """Returns, requests to lower, sessions of today and tomorrow, cases only just called about."""
    for days, hours in ((1, 4), (16, 2)):
        at = now - timedelta(days=days, hours=hours)
        stage.timeline.tell(stories.return_fight(stage, at_hand(stage, "blue", own_area=True), at=at), at=at)
    for days, decision in ((3, ""), (4, ""), (12, "granted"), (19, "refused")):
        at = now - timedelta(days=days)
        call = at_hand(stage, "yellow", own_area=True)
        stage.timeline.tell(stories.grade_asked(stage, call, at=at, decision=decision), at=at)
    local = now.astimezone(BEIJING)
    for hour, day in ((9, 0), (14, 0), (16, 0), (10, 1), (15, 2)):
        on_at = (local + timedelta(days=day)).replace(hour=hour, minute=30, second=0, microsecond=0)
        at = now - timedelta(days=4, hours=hour)
        call = at_hand(stage, "yellow", own_area=True)
        stage.timeline.tell(stories.session_planned(stage, call, at=at, on_at=on_at), at=at)
    for days, colour in ((1, "blue"), (1, "orange"), (2, "yellow"), (8, "yellow"), (33, "orange")):
        at = now - timedelta(days=days, hours=2)
        stage.timeline.tell(_lingering(stage, at_hand(stage, colour, own_area=True), at), at=at)
    at = now - timedelta(days=6)
    stage.timeline.tell(stories.merged(stage, at_hand(stage, "blue"), at=at), at=at)


def _lingering(stage: Stage, call: Call, at: datetime) -> Story:
    got = stage.receive(call, at=at)
    at = yield from stories.contacted(stage, got, at)


def _orders(stage: Stage, now: datetime) -> None:
    """Orders in every lane of the street centre, diversions accepted, waiting and given back."""
    for days, colour, reaches, end in (
        (2.5, "yellow", stories.PROPOSED, ""), (3, "orange", stories.PROPOSED, ""), (2.6, "yellow",
        stories.SENT, ""),
        (7, "blue", stories.SENT, ""), (6, "orange", stories.ACCEPTED, ""), (9, "yellow", stories.ACCEPTED,
        ""),
        (30, "orange", stories.ACCEPTED, ""), (10, "yellow", stories.TO_VERIFY, ""),
        (13, "blue", stories.TO_VERIFY, ""), (15, "yellow", stories.DONE, ""), (26, "orange", stories.DONE,
        ""),
        (5, "yellow", stories.SENT, "returned"), (8, "yellow", stories.SENT, "recalled"),
        (11, "blue", stories.SENT, "rejected"),
    ):  # fmt: skip
        at = now - timedelta(days=days)
        call = at_hand(stage, colour, own_area=True)
        stage.timeline.tell(_pushed_third(stage, call, at, reaches=reaches, end=end), at=at)
    for minutes, accepted in ((14, False), (400, False), (3000, True), (9000, True), (20000, True)):
        at = now - timedelta(minutes=minutes)
        stage.timeline.tell(_diverted(stage, at_hand(stage, "blue"), at, accepted=accepted), at=at)
    at = now - timedelta(minutes=4)
    stage.timeline.tell(_diversion_asked(stage, at_hand(stage, "blue"), at), at=at)
    for number, (hours, answered) in enumerate(((100, True), (3, False))):
        at = now - timedelta(hours=hours)
        stage.timeline.tell(stories.countered(stage, number=number, answered=answered), at=at)
    for days, pending in ((9, True), (20, False)):
        at = now - timedelta(days=days)
        call = at_hand(stage, "yellow", own_area=True)
        stage.timeline.tell(_extended(stage, call, at, pending=pending), at=at)


def _pushed_third(stage: Stage, call: Call, at: datetime, *, reaches: int, end: str) -> Story:
    got = stage.receive(call, at=at)
    at = yield from stories.contacted(stage, got, at)
    at = yield stage.in_office(at + stage.hours(1, 4))
    officer = stories.responsible(stage, got.case)
    yield from stories.third_push(stage, got.case, officer, at, reaches=reaches, end=end)


def _diverted(stage: Stage, call: Call, at: datetime, *, accepted: bool) -> Story:
    yield from stories.diverted(stage, stage.receive(call, at=at), at=at, accepted=accepted)


def _diversion_asked(stage: Stage, call: Call, at: datetime) -> Story:
    yield from stories.diversion_asked(stage, stage.receive(call, at=at))


def _extended(stage: Stage, call: Call, at: datetime, *, pending: bool) -> Story:
    """A later date is asked for; the chief has granted it, or has yet to."""
    got = stage.receive(call, at=at)
    at = yield from stories.contacted(stage, got, at)
    order = orders.proposed(stage, got.case, stories.responsible(stage, got.case), at)
    yield from orders.extended(stage, order, got.case, at, pending=pending)


def _after_settling(stage: Stage, now: datetime) -> None:
    """Instalments kept and broken, relapses, visits that are late, closings that wait."""
    for days, broken in ((16.0, 0), (12.0, 0), (21.0, 1), (40.0, 0)):
        at = now - timedelta(days=days)
        call = at_hand(stage, "yellow", own_area=True)
        stage.timeline.tell(stories.instalments(stage, call, at=at, broken=broken), at=at)
    for days in (17, 24):
        at = now - timedelta(days=days)
        stage.timeline.tell(stories.relapse(stage, at_hand(stage, "blue"), at=at), at=at)
    for days, waived in ((15.5, False), (14.1, False), (13.8, False), (13.5, False), (20, True)):
        at = now - timedelta(days=days)
        call = at_hand(stage, "blue", own_area=True)
        stage.timeline.tell(stories.overdue_visit(stage, call, at=at, waived=waived), at=at)
    for days in (36, 38):
        at = now - timedelta(days=days)
        stage.timeline.tell(stories.close_asked(stage, at_hand(stage, "orange", own_area=True), at=at), at=at)


def _elsewhere(stage: Stage, now: datetime) -> None:
    """Clues of other sources, the pool, messages set aside."""
    for source, hours, dispatched in (
        ("12345", 3, False), ("grid", 6, False), ("petition", 30, True), ("grid", 80, True), ("12345", 200,
        True),
        ("unit", 300, True), ("minyi110", 420, True), ("department", 90, True),
    ):  # fmt: skip
        at = now - timedelta(hours=hours)
        call = at_hand(stage, "blue")
        stage.timeline.tell(stories.clue(stage, call, at=at, source=source, dispatched=dispatched), at=at)
    for hours, dropped in ((2, False), (31, False), (150, True)):
        at = now - timedelta(hours=hours)
        stage.timeline.tell(stories.set_aside(stage, at=at, dropped=dropped), at=at)
