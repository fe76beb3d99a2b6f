"""The ladder of push 1 from the user's side: repeated until signed, then the command room and who leads now.

With the moved clock: what handbook 7 says of unsigned red and orange, every second looked at.
"""

from datetime import timedelta

import pytest

from dispute_hub.cases import deadlines
from routing import selectors, services
from routing.models import Push
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_pushes import notices

DOMESTIC = "丈夫酒后打了妻子几个耳光，妻子报警求助，丈夫仍在家中。"


def go_on(clock, minutes: int) -> None:
    """The sweep of every fifteen seconds."""
    for _ in range(minutes * 4):
        clock.advance(seconds=15)
        deadlines.sweep(at=clock.at)


def heard(role: str, **payload) -> list[str]:
    return [row["kind"] for row in notices(role=role, **payload) if row["kind"].startswith("deadline.")]


@pytest.mark.parametrize(("narrative", "colour", "every"), [(KNIFE, "red", 1), (DOMESTIC, "orange", 3)])
def test_unsigned_it_repeats_three_times_then_alarms_command_room_and_leader(
    call, cast, clock, narrative, colour, every
):
    push = selectors.first_push_of(call(narrative))
    assert push.colour == colour
    go_on(clock, every)
    assert heard("officer") == ["deadline.breached"]
    assert heard("station_command") == ["deadline.breached"]
    go_on(clock, 3 * every)
    assert heard("officer") == ["deadline.breached", *["deadline.repeated"] * 3]
    assert heard("station_chief") == []
    go_on(clock, every)
    assert heard("station_command", urgency="alarm") == ["deadline.breached", "deadline.alarmed"]
    assert heard("station_chief", urgency="alarm") == ["deadline.alarmed"]
    told = len(notices())
    go_on(clock, 4 * every)
    assert len(notices()) == told


def test_the_alarm_reaches_who_leads_the_duty_at_that_moment(call, cast, clock):
    """The roster changes between the push and the alarm; the one who has just come on hears it."""
    begins = clock.at
    cast.roster(cast.station_chief, "leader", begins - timedelta(hours=12), begins + timedelta(minutes=3))
    cast.roster(cast.second_officer, "leader", begins + timedelta(minutes=3), begins + timedelta(hours=12))
    call(KNIFE)
    go_on(clock, 6)
    alarms = notices(kind="deadline.alarmed", urgency="alarm")
    assert [row["post_id"] for row in alarms if row["post_id"]] == [cast.second_officer.post.pk]
    assert heard("station_chief") == []


def test_repeats_go_to_the_crew_that_is_on_duty_now(call, cast, clock):
    cast.roster(cast.officer, "crew", clock.at - timedelta(hours=1), clock.at + timedelta(hours=8))
    push = selectors.first_push_of(call(KNIFE))
    go_on(clock, 2)
    repeated = notices(kind="deadline.repeated")
    assert [row["post_id"] for row in repeated] == [cast.officer.post.pk]
    assert repeated[0]["link"] == f"/pushes/{push.pk}/"


def test_the_signature_ends_it_at_once(call, cast, clock):
    push = selectors.first_push_of(call(KNIFE))
    go_on(clock, 2)
    services.sign_push(push, actor=cast.officer, at=clock.at)
    told = heard("officer")
    go_on(clock, 4)
    assert heard("officer") == told
    assert "deadline.alarmed" not in heard("station_command")


def test_a_night_and_a_holiday_stop_nothing(call, cast, clock):
    clock.set("2026-10-02T03:00:00+08:00")
    call(KNIFE)
    go_on(clock, 5)
    assert heard("station_chief", urgency="alarm") == ["deadline.alarmed"]


def test_after_an_outage_it_is_said_once(call, cast, clock):
    call(KNIFE)
    clock.advance(hours=6)
    deadlines.sweep(at=clock.at)
    deadlines.sweep(at=clock.at)
    assert heard("station_chief") == ["deadline.alarmed"]
    assert heard("station_command").count("deadline.alarmed") == 1


@pytest.mark.parametrize(("narrative", "minutes"), [(CALM, 60)])
def test_a_blue_one_is_told_when_late_and_never_repeated(call, cast, clock, narrative, minutes):
    call(narrative)
    go_on(clock, minutes)
    assert heard("officer") == ["deadline.breached"]


class TestSeveralCallsAboutOneEvent:
    def test_the_second_and_third_caller_reach_the_crew_under_way_as_more_of_the_same(
        self, call, cast, clock
    ):
        push = services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)
        for _ in range(2):
            clock.advance(minutes=4)
            follow_on = selectors.first_push_of(call(CALM))
            assert follow_on.case_id == push.case_id
            assert follow_on.addressee_posts == [cast.officer.post.pk]
        told = notices(kind="push.follow_on")
        assert [row["post_id"] for row in told] == [cast.officer.post.pk] * 2
        page = cast.client(cast.officer).get("/pushes/").content.decode()
        assert page.count("field-card") == 3
        assert not Push.objects.filter(tier=2).exists()

    def test_what_the_third_caller_saw_raises_the_colour_for_all(self, call, cast, clock):
        push = services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)
        clock.advance(minutes=4)
        call(KNIFE)
        push.refresh_from_db()
        push.case.refresh_from_db()
        assert (push.colour, push.case.colour) == ("red", "red")
        clock.advance(minutes=2)
        call(CALM)
        push.case.refresh_from_db()
        assert push.case.colour == "red"


class TestReturnFight:
    @pytest.fixture
    def settled(self, handle):
        return handle(CALM, "settled")

    @pytest.mark.parametrize(("hours", "returns"), [(23.9, True), (24.1, False)])
    def test_within_a_day_it_is_at_least_orange_and_says_so_on_the_card(
        self, settled, call, cast, clock, hours, returns
    ):
        clock.advance(hours=hours)
        push = selectors.first_push_of(call(CALM))
        page = cast.client(cast.officer).get("/pushes/").content.decode()
        assert ("刚处置过，双方可能返回" in page) is returns
        assert (push.colour in ("orange", "red")) is returns

    def test_a_step_up_a_push_two_at_once_and_the_duty_leader_knows(self, settled, call, cast, clock):
        clock.advance(hours=2)
        push = selectors.first_push_of(call(CALM))
        assert push.case_id == settled.pk
        assert push.colour == "orange"
        second = Push.objects.get(tier=2)
        assert second.status == "issued"
        assert notices(role="station_chief") or notices(post_id=cast.station_chief.post.pk)
