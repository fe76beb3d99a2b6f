"""Push 2 outside office hours, officers who are away, stations where nobody is on post."""

from datetime import timedelta

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.accounts.models import Absence, Post
from dispute_hub.cases import deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import CaseEvent, CaseGrant
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, NoRight
from routing import services
from routing.models import Push
from tests.routing.conftest import CALM, KNIFE, PUSHED
from tests.routing.orders import Story
from tests.routing.test_pushes import clock_of, notices

NIGHT = "2026-03-04T22:00:00+08:00"
ORANGE = "丈夫酒后对妻子实施家庭暴力，扇了两个耳光。"


def second_of(case):
    return Push.objects.select_related("caretaker_post").get(case=case, tier=2)


def moved(case, cast, clock):
    """The bureau gives the case to the other station."""
    row = services.raise_jurisdiction(
        case, proposed=cast.units.other_station, text="事发地在古山", actor=cast.station_command, at=clock.at
    )
    services.decide_jurisdiction(
        row, to=cast.units.other_station, text="以事发地为准", actor=cast.bureau, at=clock.at
    )


def away(actor, clock, *, hours=48):
    Absence.objects.create(
        post=actor.post, starts_at=clock.at, ends_at=clock.at + timedelta(hours=hours), reason="休假",
        entered_by=actor.post, entered_at=clock.at,
    )  # fmt: skip


@pytest.fixture
def leader(cast, clock):
    """The duty leader of the night: an officer, on the roster from 20:30 to 08:30."""
    leader = cast.add("duty_leader", "officer", cast.units.station, police_number="330099")
    clock.set(NIGHT)
    cast.roster(leader, "leader", clock.at - timedelta(hours=2), clock.at + timedelta(hours=10, minutes=30))
    return leader


@pytest.fixture
def crew(cast, clock, leader):
    cast.roster(cast.officer, "crew", clock.at - timedelta(hours=2), clock.at + timedelta(hours=10))
    return cast.officer


@pytest.fixture
def held(handle, crew):
    return second_of(handle(KNIFE))


@pytest.mark.parametrize(
    ("instant", "night"),
    [
        ("2026-03-04T08:29:59+08:00", True),
        ("2026-03-04T08:30:00+08:00", False),
        ("2026-03-04T12:30:00+08:00", False),
        ("2026-03-04T17:29:59+08:00", False),
        ("2026-03-04T17:30:00+08:00", True),
        ("2026-03-07T10:00:00+08:00", True),  # a Saturday
        ("2026-02-28T10:00:00+08:00", False),  # a Saturday worked for Spring Festival
    ],
)
def test_what_counts_as_night(instant, night):
    assert services.is_night(time.parse_instant(instant)) is night


class TestNight:
    def test_the_duty_leader_must_sign_the_crew_holds_the_officer_takes_over(self, held, cast, leader, crew):
        assert clock_of(held, "push_second.sign").holder_post == leader.post
        assert (held.case.holder_post, held.caretaker_post) == (crew.post, crew.post)
        take_over = clock_of(held, "push_second.take_over")
        assert take_over.due_at == time.parse_instant("2026-03-05T09:30:00+08:00")
        assert take_over.holder_post == cast.community_officer.post

    def test_all_three_are_told(self, held, cast, leader, crew):
        told = {row["post_id"] for row in notices(kind="push.second")}
        assert told == {cast.community_officer.post.pk, leader.post.pk, crew.post.pk}

    def test_leader_and_crew_see_the_case_until_it_is_taken_over(self, held, cast, leader, crew, clock):
        sight = CaseGrant.objects.filter(case=held.case, reason=f"night:{held.pk}")
        assert {grant.post for grant in sight.filter(ends_at=None)} == {leader.post, crew.post}
        clock.set("2026-03-05T08:45:00+08:00")
        services.take_over(held, actor=cast.community_officer, at=clock.at)
        assert not sight.filter(ends_at=None).exists()

    def test_the_duty_leader_signs_though_he_is_an_officer(self, held, leader, clock):
        assert services.sign_push(held, actor=leader, at=clock.at).signed_by == leader.post
        assert clock_of(held, "push_second.sign").state == "met"
        assert clock_of(held, "push_second.take_over").state == "open"

    def test_his_list_and_page_have_the_button(self, held, cast, leader, crew):
        for who, signs in ((leader, True), (crew, False)):
            client = cast.client(who)
            assert (f"/pushes/{held.pk}/sign/" in client.get("/pushes/").content.decode()) is signs
            assert (f"/pushes/{held.pk}/sign/" in client.get(f"/pushes/{held.pk}/").content.decode()) is signs

    def test_the_panel_offers_what_the_person_may_and_says_by_when(self, held, cast, crew):
        panel = f"/tracking/{held.case.case_no}/"
        for who, signs, takes in (
            (cast.community_officer, True, True), (cast.station_chief, True, False), (crew, False, False),
            (cast.bureau, False, False),
        ):  # fmt: skip
            html = cast.client(who).get(panel).content.decode()
            assert ("签收二推" in html, f"{panel}take-over/" in html) == (signs, takes)
        assert "2026-03-05T09:30:00+08:00" in html

    def test_who_leads_no_longer_does_not_sign(self, held, leader, clock):
        clock.set("2026-03-05T08:30:00+08:00")
        with pytest.raises(NoRight):
            services.sign_push(held, actor=leader, at=clock.at)

    def test_taking_over_gives_the_case_to_the_officer_once(self, held, cast, clock):
        clock.set("2026-03-05T08:45:00+08:00")
        for _ in range(2):
            push = services.take_over(held, actor=cast.community_officer, at=clock.at)
        held.case.refresh_from_db()
        assert held.case.holder_post == cast.community_officer.post
        assert (push.status, push.taken_over_at) == ("signed", clock.at)
        assert {clock_of(push, f"push_second.{kind}").state for kind in ("sign", "take_over")} == {"met"}
        assert CaseEvent.objects.filter(kind="push.taken_over").count() == 1

    @pytest.mark.parametrize("act", ["sign", "contact"])
    def test_what_he_does_himself_takes_it_over(self, held, cast, clock, act):
        if act == "sign":
            services.sign_push(held, actor=cast.community_officer, at=clock.at)
        else:
            services.record_contact(
                held.case, mode="phone", text="已联系", actor=cast.community_officer, at=clock.at
            )
        held.refresh_from_db()
        assert held.taken_over_at == clock.at

    def test_the_chiefs_assignment_ends_it_too(self, held, cast, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        services.assign_case(held.case, post=other.post, actor=cast.station_chief, at=clock.at)
        held.case.refresh_from_db()
        held.refresh_from_db()
        assert (held.case.holder_post, held.taken_over_at) == (other.post, clock.at)

    @pytest.mark.parametrize("who", ["officer", "second_officer", "station_command"])
    def test_nobody_else_takes_it(self, held, cast, clock, who):
        with pytest.raises(NoRight):
            services.take_over(held, actor=getattr(cast, who), at=clock.at)

    def test_not_taken_over_by_half_past_nine_is_told_to_the_chief(self, held, cast, clock):
        clock.set("2026-03-05T09:30:01+08:00")
        deadlines.sweep(at=clock.at)
        told = notices(kind="deadline.breached", role="station_chief")
        assert any("责任民警接手" in row["title"] for row in told)

    def test_without_a_roster_the_stations_leaders_and_the_crew_of_the_scene(self, handle, cast, clock):
        clock.set(NIGHT)
        push = second_of(handle(KNIFE))
        sign = clock_of(push, "push_second.sign")
        assert (sign.holder_unit, sign.holder_role) == (cast.units.station, "station_chief")
        assert push.caretaker_post == cast.officer.post

    def test_orange_is_held_as_well_yellow_waits_for_the_sheet(self, handle, crew, cast, leader):
        orange = second_of(handle(ORANGE))
        assert (orange.colour, orange.caretaker_post) == ("orange", crew.post)
        assert clock_of(orange, "push_second.sign").holder_post == leader.post
        yellow = second_of(handle(PUSHED, address="象珠镇后村3号", reporter=None, parties=()))
        assert (yellow.colour, yellow.status, yellow.night_since_at) == ("yellow", "queued", None)

    def test_a_calm_case_that_turns_red_at_night_is_held(self, handle, call, cast, clock, crew):
        clock.set("2026-03-04T10:00:00+08:00")
        case = handle(CALM, "brought_in")
        clock.set("2026-03-05T22:00:00+08:00")
        call(KNIFE)
        push = second_of(case)
        assert (push.colour, push.night_since_at) == ("red", clock.at)

    def test_a_rise_at_night_hands_the_signature_to_the_duty_leader_and_tells_all(
        self, handle, call, cast, clock, leader, crew
    ):
        clock.set("2026-03-04T10:00:00+08:00")
        case = handle(CALM, "brought_in")
        assert clock_of(second_of(case), "push_second.sign").holder_post == cast.community_officer.post
        clock.set(NIGHT)
        call(KNIFE)
        assert clock_of(second_of(case), "push_second.sign", state="open").holder_post == leader.post
        words = {(row["post_id"], row["title"].partition("（")[2]) for row in notices(kind="push.second")}
        assert words >= {
            (leader.post.pk, "请值班领导签收）"),
            (crew.post.pk, "夜间由值班警组代管，直至责任民警接手）"),
            (cast.community_officer.post.pk, "值班警组代管，请于9:30前接手）"),
        }

    def test_assigning_it_leaves_the_signature_with_the_duty_leader(self, held, cast, leader, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        services.assign_case(held.case, post=other.post, actor=cast.station_chief, at=clock.at)
        assert clock_of(held, "push_second.sign").holder_post == leader.post
        assert clock_of(held, "push_second.contact").holder_post == other.post

    @pytest.mark.parametrize("left", ["settled", "sent", "transferred"])
    def test_a_case_that_leaves_tracking_leaves_the_night(self, held, cast, clock, left):
        if left == "settled":
            cases.settle(held.case, how="agreement", text="和好", actor=cast.community_officer, at=clock.at)
        elif left == "sent":
            order = Story(cast, clock, None).proposed(held.case)
            services.approve_order(order, actor=cast.station_chief, at=clock.at)
        else:
            moved(held.case, cast, clock)
        held.refresh_from_db()
        assert not services.is_held(held)
        assert not CaseGrant.objects.filter(reason=f"night:{held.pk}", ends_at=None).exists()
        assert clock_of(held, "push_second.take_over").state == "ended"

    def test_another_station_gets_signature_and_papers(self, held, cast, clock):
        deadlines.start(
            held.case, held, "third_push.prepare", key="", at=clock.at,
            holder=deadlines.Holder(unit_id=cast.units.station.pk, role="station_command"),
        )  # fmt: skip
        moved(held.case, cast, clock)
        sign, papers = clock_of(held, "push_second.sign"), clock_of(held, "third_push.prepare")
        assert (sign.holder_unit, sign.holder_role) == (cast.units.other_station, "station_chief")
        assert (papers.holder_unit, papers.holder_role) == (cast.units.other_station, "station_command")

    def test_by_day_nobody_holds_it_for_the_officer(self, handle, cast, clock):
        push = second_of(handle(KNIFE))
        assert (push.night_since_at, push.case.holder_post) == (None, cast.community_officer.post)
        with pytest.raises(Conflict):
            services.take_over(push, actor=cast.community_officer, at=clock.at)


class TestWhoIsThere:
    def test_the_stand_in_gets_it_while_the_officer_is_away(self, handle, cast, clock):
        Post.objects.filter(pk=cast.community_officer.post.pk).update(stand_in=cast.second_officer.post)
        away(cast.community_officer, clock)
        case = handle(KNIFE)
        push = second_of(case)
        assert push.addressee_post == case.holder_post == cast.second_officer.post
        assert case in visible_to(cast.second_officer, at=clock.at)

    def test_who_left_after_the_entry_is_stood_in_for_at_the_issue(self, handle, cast, clock):
        case = handle(CALM)
        assert second_of(case).addressee_post == cast.community_officer.post
        Post.objects.filter(pk=cast.community_officer.post.pk).update(stand_in=cast.second_officer.post)
        away(cast.community_officer, clock)
        clock.set("2026-03-05T08:00:00+08:00")
        services.issue_missing_sheets(actor=SYSTEM, at=clock.at)
        push = second_of(case)
        assert (push.status, push.addressee_post) == ("issued", cast.second_officer.post)
        assert clock_of(push, "push_second.contact").holder_post == cast.second_officer.post

    @pytest.mark.parametrize("text", [CALM, KNIFE])
    def test_nobody_there_alarms_command_room_and_chief_once(self, handle, cast, clock, text):
        away(cast.community_officer, clock)
        push = second_of(handle(text))
        assert (push.addressee_unit, push.addressee_role) == (cast.units.station, "station_command")
        told = notices(kind="push.second", urgency="alarm")
        assert sorted(row["role"] for row in told if "无责任民警" in row["title"]) == [
            "station_chief", "station_command",
        ]  # fmt: skip

    def test_the_stand_in_may_take_a_night_over(self, held, cast, clock):
        Post.objects.filter(pk=cast.community_officer.post.pk).update(stand_in=cast.second_officer.post)
        clock.set("2026-03-05T08:45:00+08:00")
        with pytest.raises(NoRight):
            services.take_over(held, actor=cast.second_officer, at=clock.at)
        away(cast.community_officer, clock)
        push = services.take_over(held, actor=cast.second_officer, at=clock.at)
        push.case.refresh_from_db()
        assert push.addressee_post == push.case.holder_post == cast.second_officer.post
