"""Push 2: when, to whom, at once or with the sheet; what a rise, a contact and an end do to it."""

from datetime import timedelta

import pytest

from dispute_hub.cases import clock_table, deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.clock_selectors import reasons
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common import time
from intake import services as intake
from routing import selectors, services
from routing.models import Push
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_pushes import clock_of, notices

ORANGE = "丈夫酒后对妻子实施家庭暴力，扇了两个耳光。"


def second_of(case):
    return Push.objects.get(case=case, tier=2)


class TestEntering:
    def test_calm_ones_wait_for_the_sheet_grave_ones_do_not(self, handle):
        assert second_of(handle(CALM)).status == "queued"

    def test_red_is_issued_at_once(self, handle, clock, cast):
        push = second_of(handle(KNIFE))
        assert (push.status, push.colour) == ("issued", "red")
        sign = clock_of(push, "push_second.sign")
        assert sign.due_at == clock.at + timedelta(minutes=30)
        assert (sign.holder_unit, sign.holder_role) == (cast.units.station, "station_chief")
        contact = clock_of(push, "push_second.contact")
        assert contact.due_at == time.parse_instant("2026-03-04T12:00:00+08:00")
        assert contact.holder_post == cast.community_officer.post

    def test_by_day_too_the_duty_leader_is_told_and_sees_it_until_it_is_signed(self, handle, cast, clock):
        leader = cast.add("duty_leader", "officer", cast.units.station, police_number="330099")
        cast.roster(leader, "leader", clock.at - timedelta(hours=1), clock.at + timedelta(hours=8))
        push = second_of(handle(KNIFE))
        assert clock_of(push, "push_second.sign").holder_post == leader.post
        (told,) = notices(kind="push.second", post_id=leader.post.pk)
        assert "请值班领导签收" in told["title"]
        sight = CaseGrant.objects.filter(case=push.case, post=leader.post, ends_at=None)
        assert sight.exists()
        services.sign_push(push, actor=cast.community_officer, at=clock.at)
        assert not sight.exists()

    def test_brought_in_is_issued_at_once_whatever_the_colour(self, handle):
        assert second_of(handle(CALM, "brought_in")).status == "issued"

    def test_the_responsible_officer_of_the_grid_holds_the_case(self, handle, cast, clock):
        case = handle(CALM)
        push = second_of(case)
        assert push.addressee_post == case.holder_post == cast.community_officer.post
        assert case.phase == 2
        assert case in visible_to(cast.community_officer, at=clock.at)

    def test_nobody_on_post_goes_to_the_command_room_with_an_alarm(self, handle, cast, clock):
        cast.community_officer.post.ends_at = clock.at - timedelta(days=1)
        cast.community_officer.post.save()
        push = second_of(handle(KNIFE))
        assert (push.addressee_unit, push.addressee_role) == (cast.units.station, "station_command")
        assert notices(kind="push.second", urgency="alarm", role="station_command")

    def test_station_leaders_get_a_copy_or_are_asked_to_sign(self, handle, cast):
        handle(CALM, "brought_in")
        handle(KNIFE, address="象珠镇后村3号", reporter=None, parties=())
        told = notices(kind="push.second", unit_id=cast.units.station.pk, role="station_chief")
        assert [row["title"].partition("（")[2] for row in told] == ["抄送所领导）", "请值班领导签收）"]

    def test_given_to_another_the_papers_stay_with_the_command_room(self, handle, cast, clock):
        push = second_of(handle(CALM, "brought_in"))
        papers = deadlines.Holder(unit_id=cast.units.station.pk, role="station_command")
        deadlines.start(push.case, push, "third_push.prepare", key="", holder=papers, at=clock.at)
        other = cast.add("second_community", "community_officer", cast.units.area)
        services.assign_case(push.case, post=other.post, actor=cast.station_chief, at=clock.at)
        assert clock_of(push, "third_push.prepare").holder_role == "station_command"
        assert {clock_of(push, f"push_second.{kind}").holder_post for kind in ("sign", "contact")} == {
            other.post
        }

    def test_a_new_reason_joins_the_open_one(self, handle, call, clock):
        case = handle(CALM)
        clock.advance(hours=30)
        call(CALM)
        push = second_of(case)
        assert push.entries == ["unsettled", "repeated"]

    def test_the_same_two_within_a_day_are_pushed_at_once_and_the_duty_leader_is_told(
        self, handle, call, clock
    ):
        case = handle(CALM, "settled")
        clock.advance(hours=2)
        call(CALM)
        case.refresh_from_db()
        push = second_of(case)
        assert case.status == "tracking"
        assert push.status == "issued"
        assert any("回流警情" in row["title"] for row in notices(role="station_chief"))

    def test_a_repeated_alert_settled_on_the_scene_is_still_tracked(self, handle, call, cast, clock):
        handle(CALM)
        clock.advance(hours=30)
        alert = call(CALM, address="象珠镇象珠一村99号")
        assert alert.case.status == "scene"
        push = services.sign_push(selectors.first_push_of(alert), actor=cast.officer, at=clock.at)
        services.feed_back(push, outcome="settled", text="和好。", actor=cast.officer, at=clock.at)
        push.case.refresh_from_db()
        assert push.case.status == "settled"
        assert second_of(push.case).status == "queued"


class TestAnswering:
    @pytest.fixture
    def push(self, handle):
        return second_of(handle(KNIFE))

    def test_the_responsible_officer_signs(self, push, cast, clock):
        signed = services.sign_push(push, actor=cast.community_officer, at=clock.at)
        assert signed.signed_by == cast.community_officer.post
        assert clock_of(push, "push_second.sign").state == "met"
        assert clock_of(push, "push_second.contact").state == "open"

    def test_the_duty_leader_signs_for_the_night(self, push, cast, clock):
        assert services.sign_push(push, actor=cast.station_chief, at=clock.at).status == "signed"

    def test_contact_answers_it_and_signs_it_too(self, push, cast, clock):
        services.record_contact(
            push.case, mode="phone", text="双方已冷静", actor=cast.community_officer, at=clock.at
        )
        push.refresh_from_db()
        assert (push.status, push.signed_by) == ("reported", cast.community_officer.post)
        assert {clock_of(push, f"push_second.{kind}").state for kind in ("sign", "contact")} == {"met"}

    def test_settling_ends_it_with_a_trace(self, push, cast, clock):
        cases.settle(push.case, how="agreement", text="达成协议", actor=cast.community_officer, at=clock.at)
        push.refresh_from_db()
        assert push.status == "ended"
        assert CaseEvent.objects.filter(kind="push.ended", subject_id=push.pk).exists()
        assert not Deadline.objects.filter(case=push.case, state="open", subject_kind="push").exists()


class TestRising:
    def test_a_running_clock_is_sharpened_never_eased(self, call, clock):
        alert = call(CALM)
        clock.advance(minutes=2)
        again = call(KNIFE)
        assert again.case_id == alert.case_id
        push = selectors.first_push_of(alert)
        assert push.colour == "red"
        assert selectors.sign_due_at(push) == clock.at + timedelta(minutes=1)

    def test_the_same_clock_goes_on_counted_by_the_graver_limit(self, handle, call, clock, cast):
        case = handle(CALM, "brought_in")
        first = clock_of(second_of(case), "push_second.sign")
        clock_table.use_unit_limits({(cast.units.station.pk, "push_second.sign", "red"): "10 minutes"})
        clock.advance(hours=1)
        call(KNIFE)
        sign = clock_of(second_of(case), "push_second.sign")
        clock_table.use_unit_limits({})
        assert (sign.pk, sign.key, sign.limit, sign.is_agreed) == (first.pk, "red", "10 minutes", False)
        assert (sign.due_at, sign.first_due_at) == (clock.at + timedelta(minutes=10), first.due_at)

    def test_a_stopped_clock_keeps_what_was_left(self, handle, call, clock, cast):
        push = second_of(handle(ORANGE))
        clock.advance(hours=22)
        cases.stop_clocks(push.case, reason="应急处置", going_on=(), actor=cast.bureau, at=clock.at)
        clock.set("2026-03-05T13:00:00+08:00")
        call(KNIFE)
        clock.set("2026-03-05T15:00:00+08:00")
        cases.restart_clocks(Case.objects.get(pk=push.case_id), actor=cast.bureau, at=clock.at)
        contact = clock_of(push, "push_second.contact")
        assert (contact.key, contact.due_at - clock.at) == ("red", timedelta(hours=2))
        assert not any("约定" in line for line in reasons(contact)[0])

    def test_a_queued_push_two_that_turns_red_is_issued(self, handle, call, clock):
        case = handle(CALM)
        clock.advance(hours=30)
        call(KNIFE)
        push = second_of(case)
        assert (push.status, push.colour) == ("issued", "red")

    def test_holder_and_chief_are_told(self, handle, call, cast, clock):
        handle(CALM)
        clock.advance(hours=30)
        call(KNIFE)
        told = notices(kind="case.colour_raised")
        assert {row["post_id"] for row in told} >= {cast.community_officer.post.pk}
        assert {row["role"] for row in told} >= {"station_chief"}


class TestMovingWithItsAlert:
    def test_an_attached_alert_takes_its_push_along(self, handle, call, cast, clock):
        tracked = handle(CALM)
        clock.advance(hours=30)
        alert = call(KNIFE, address="象珠镇别村9号", reporter=None, parties=())
        push = selectors.first_push_of(alert)
        intake.attach(alert, to=tracked, actor=cast.station_command, at=clock.at)
        push.refresh_from_db()
        assert push.case == tracked
        assert clock_of(push, "push_first.sign").case == tracked
        assert second_of(tracked).entries == ["unsettled", "repeated"]
        signed = services.sign_push(push, actor=cast.officer, at=clock.at)
        services.feed_back(signed, outcome="settled", text="和好", actor=cast.officer, at=clock.at)
        tracked.refresh_from_db()
        assert tracked.status == "tracking"

    def test_a_detached_alert_takes_it_back(self, handle, call, cast, clock):
        tracked = handle(CALM)
        clock.advance(hours=30)
        alert = call(CALM, address="象珠镇别村9号", reporter=None, parties=())
        own, push = alert.case, selectors.first_push_of(alert)
        alert = intake.attach(alert, to=tracked, actor=cast.station_command, at=clock.at)
        intake.detach(alert, reason="并非同一纠纷", actor=cast.station_command, at=clock.at)
        services.sign_push(push, actor=cast.officer, at=clock.at)
        services.feed_back(push, outcome="settled", text="和好", actor=cast.officer, at=clock.at)
        own.refresh_from_db()
        assert own.status == "settled"


def test_the_follower_may_run_twice(call, clock):
    alert = call(CALM)
    event = CaseEvent.objects.get(kind="case.assessed")
    case = cases.lock(alert.case_id)
    services.push_first(case, event=event, actor=None, at=clock.at)
    assert Push.objects.filter(alert=alert).count() == 1
