"""实时态势: what goes on now, each command room its own, in a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Deadline
from reports import selectors, views
from reports.event_words import WORDS
from routing import services
from routing.selectors import first_push_of
from tests.cast import Cast
from tests.routing.conftest import CALM, KNIFE, call, source

__all__ = ["call", "source"]


TEMPLATES = Path(__file__).parents[2] / "templates"


def test_pages_listen_to_what_is_recorded() -> None:
    """A kind in `data-live` or `data-live-offer` is an event kind, or what such kinds begin with."""
    known = {*WORDS, *(kind.partition(".")[0] for kind in WORDS)}
    heard = [
        (page.name, kind)
        for page in TEMPLATES.rglob("*.html")
        for kinds in re.findall(r'data-live(?:-offer)?="([^"]*)"', page.read_text(encoding="utf-8"))
        for kind in kinds.split()
    ]
    assert heard
    assert [(page, kind) for page, kind in heard if kind not in known] == []


def numbers(rows: Any) -> list[str]:
    return [row.case.case_no for row in rows]


@pytest.fixture
def red(call: Any) -> Any:
    return call(KNIFE)


@pytest.mark.parametrize("who", ["station_command", "bureau", "duty_commander"])
def test_a_red_stands_on_the_boards_of_its_territory(cast: Cast, clock: Any, red: Any, who: str) -> None:
    board = selectors.live_board(getattr(cast, who), at=clock.at)
    assert numbers(board.reds) == numbers(board.unsigned) == [red.case.case_no]
    assert board.reds[0].case.colour == "red"
    assert board.unsigned[0].clock.kind == "push_first.sign"
    elsewhere = selectors.live_board(cast.other_station_command, at=clock.at)
    assert (elsewhere.reds, elsewhere.unsigned, elsewhere.turning) == ([], [], [])


def test_a_blue_is_no_red_but_waits_to_be_signed(cast: Cast, clock: Any, call: Any) -> None:
    alert = call(CALM)
    board = selectors.live_board(cast.station_command, at=clock.at)
    assert (board.reds, numbers(board.unsigned)) == ([], [alert.case.case_no])


def test_a_signed_push_leaves_its_list(cast: Cast, clock: Any, red: Any) -> None:
    services.sign_push(first_push_of(red), actor=cast.officer, at=clock.at)
    board = selectors.live_board(cast.station_command, at=clock.at)
    assert (numbers(board.reds), board.unsigned) == ([red.case.case_no], [])


@pytest.mark.parametrize(
    ("passed", "shown"), [(0.79, False), (0.8, True), (1.0, True), (1.4, True), (1.6, False)]
)
def test_clocks_show_from_four_fifths_until_an_hour_after(
    cast: Cast, clock: Any, red: Any, passed: float, shown: bool
) -> None:
    services.sign_push(first_push_of(red), actor=cast.officer, at=clock.at)
    running = Deadline.objects.get(kind="push_first.feed_back", state="open")
    at = running.starts_at + (running.due_at - running.starts_at) * passed
    board = selectors.live_board(cast.station_command, at=at)
    found = [row.clock.pk for row in board.turning if row.clock]
    assert (running.pk in found) is shown


def test_a_paused_clock_turns_nothing(cast: Cast, clock: Any, red: Any) -> None:
    Deadline.objects.filter(state="open").update(paused_at=clock.at)
    later = clock.at + timedelta(seconds=55)
    board = selectors.live_board(cast.station_command, at=later)
    assert (board.unsigned, board.turning) == ([], [])


@pytest.mark.parametrize(("who", "queries"), [("station_command", 3), ("bureau", 3), ("duty_commander", 4)])
def test_the_number_of_queries_is_fixed(cast: Cast, clock: Any, call: Any, who: str, queries: int) -> None:
    for number in range(3):
        call(KNIFE, address=f"象珠镇后村{number}号", reporter=None, parties=())
    with CaptureQueriesContext(connection) as asked:
        board = selectors.live_board(getattr(cast, who), at=clock.at)
        assert len(board.unsigned) == 3
    assert len(asked) == queries


def test_the_rows_are_sent_again_only_when_they_changed(cast: Cast, clock: Any, red: Any) -> None:
    client = cast.client(cast.station_command)
    seen = client.get("/live/").context["seen"]
    assert client.get("/live/rows/", {"seen": seen}).status_code == 204
    services.sign_push(first_push_of(red), actor=cast.officer, at=clock.at)
    assert client.get("/live/rows/", {"seen": seen}).status_code == 200


def test_a_wall_says_nothing_about_people(cast: Cast, clock: Any, red: Any) -> None:
    client = cast.client(cast.station_command)
    desk, wall = client.get("/live/").content.decode(), client.get("/live/wall/").content.decode()
    assert "hub-clip" in desk
    assert red.case.case_no in wall
    assert "hub-clip" not in wall
    assert red.address not in wall


def test_a_wall_shows_nothing_of_an_emergency(cast: Cast, clock: Any, red: Any) -> None:
    going_on = ("push_first.sign",)
    cases.stop_clocks(red.case, reason="应急处置", going_on=going_on, actor=cast.duty_commander, at=clock.at)
    wall = selectors.live_board(cast.station_command, at=clock.at, wall=True)
    assert (wall.reds, wall.unsigned, wall.turning) == ([], [], [])
    assert selectors.live_board(cast.station_command, at=clock.at).unsigned


def test_a_list_that_is_cut_says_so(cast: Cast, clock: Any, call: Any) -> None:
    for number in range(21):
        call(KNIFE, address=f"象珠镇后村{number}号", reporter=None, parties=())
    page = cast.client(cast.station_command).get("/live/").content.decode()
    assert page.count('<span class="hub-count">20+</span>') == 2
    assert page.count('data-hub-unseen-red="push-') == 20


def test_a_wall_keeps_its_log_in_as_a_desk_that_nobody_touches_does_not(cast: Cast, clock: Any) -> None:
    assert not getattr(views.live_wall, "polled", False)
    assert getattr(views.live_rows, "polled", False)
    assert b'hx-get="/live/wall/"' in cast.client(cast.station_command).get("/live/wall/").content


def test_the_centre_finds_a_case_by_its_alert(cast: Cast, clock: Any, red: Any) -> None:
    board = selectors.live_board(cast.duty_commander, at=clock.at)
    assert board.reds[0].url == f"/alerts/{red.alert_no}/"
    assert cast.client(cast.duty_commander).get(board.reds[0].url).status_code == 200


def test_unsigned_reds_follow_their_crew_and_command_room(cast: Cast, clock: Any, red: Any) -> None:
    push = first_push_of(red)
    for actor in (cast.officer, cast.station_command):
        assert f'data-hub-unseen-red="push-{push.pk}"' in _menu(cast, actor)
        assert "data-hub-unseen-red" not in _menu(cast, actor, here=f"/pushes/{push.pk}/")
    for actor in (cast.other_officer, cast.station_chief, cast.centre):
        assert "data-hub-unseen-red" not in _menu(cast, actor)
    services.sign_push(push, actor=cast.officer, at=clock.at)
    assert "data-hub-unseen-red" not in _menu(cast, cast.officer)


def _menu(cast: Cast, actor: Any, here: str = "/") -> str:
    return cast.client(actor).get("/_menu/", {"at": here}).content.decode()
