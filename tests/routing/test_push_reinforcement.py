"""请求增援 and 续报 by the crew: who hears it, who comes, what ends it."""

from datetime import timedelta

import pytest

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import CaseEvent
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from intake import services as intake
from routing import selectors, services
from routing.models import Push, Reinforcement
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_pushes import clock_of, notices


@pytest.fixture
def signed(call, cast, clock):
    return services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)


@pytest.fixture
def asked(signed, cast, clock):
    return services.ask_reinforcement(
        signed, officers_needed=2, needs=["weapon", "medical"], text="对方回屋取刀", actor=cast.officer,
        at=clock.at,
    )  # fmt: skip


@pytest.fixture
def sent(asked, cast, clock):
    return services.answer_reinforcement(
        asked, numbers=["330002"], text="120已出车", actor=cast.station_command, at=clock.at
    )


def helper_of(push):
    return Push.objects.get(reinforces=push)


class TestAsking:
    def test_command_room_desk_and_duty_leader_are_alarmed_at_once(self, call, cast, clock):
        cast.roster(
            cast.second_officer, "leader", clock.at - timedelta(hours=1), clock.at + timedelta(hours=1)
        )
        signed = services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)
        services.ask_reinforcement(signed, officers_needed=2, actor=cast.officer, at=clock.at)
        told = notices(kind="reinforcement.asked", urgency="alarm")
        assert {row["role"] for row in told if row["unit_id"]} == {
            "station_command", "duty_commander", "dispatcher",
        }  # fmt: skip
        assert [row["post_id"] for row in told if row["post_id"]] == [cast.second_officer.post.pk]

    def test_it_stands_on_the_timeline_in_codes(self, asked):
        event = CaseEvent.objects.get(kind="reinforcement.asked")
        assert event.data == {"officers": 2, "needs": ["weapon", "medical"]}

    def test_asking_again_while_it_waits_is_refused(self, asked, cast, clock):
        with pytest.raises(Conflict, match="正在等待答复"):
            services.ask_reinforcement(asked.push, officers_needed=1, actor=cast.officer, at=clock.at)

    @pytest.mark.parametrize(
        ("fields", "bad"),
        [
            ({"officers_needed": 0}, "officers_needed"),
            ({"officers_needed": 51}, "officers_needed"),
            ({"officers_needed": 1, "needs": ["tank"]}, "needs"),
        ],
    )
    def test_refused_at_its_field(self, signed, cast, clock, fields, bad):
        with pytest.raises(Invalid) as refusal:
            services.ask_reinforcement(signed, actor=cast.officer, at=clock.at, **fields)
        assert bad in refusal.value.fields

    def test_only_the_crew_or_the_command_room_asks(self, signed, cast, clock):
        with pytest.raises(NoRight):
            services.ask_reinforcement(signed, officers_needed=1, actor=cast.second_officer, at=clock.at)
        services.ask_reinforcement(
            signed, officers_needed=1, how="radio", actor=cast.station_command, at=clock.at
        )
        assert signed.on_behalf_records.get().act == "reinforce"

    def test_unanswered_it_repeats_three_times_and_climbs_to_the_bureau(self, asked, clock):
        for _ in range(6):
            clock.advance(minutes=1)
            deadlines.sweep(at=clock.at)
        kinds = list(
            CaseEvent.objects.filter(subject_kind="deadline", kind__startswith="deadline.")
            .order_by("id")
            .values_list("kind", flat=True)
        )
        assert [kind for kind in kinds if kind != "deadline.warned"] == [
            "deadline.breached", "deadline.repeated", "deadline.repeated", "deadline.repeated",
            "deadline.alarmed",
        ]  # fmt: skip
        assert notices(kind="deadline.alarmed", role="bureau")


class TestAnswering:
    def test_each_officer_sent_gets_a_push_of_his_own(self, sent, cast, clock):
        helper = helper_of(sent.push)
        assert (helper.entry, helper.addressee_post, helper.status) == (
            "reinforcement", cast.second_officer.post, "issued",
        )  # fmt: skip
        assert clock_of(helper, "push_first.sign").state == "open"
        assert visible_to(cast.second_officer, at=clock.at).filter(pk=sent.push.case_id).exists()
        assert [row["post_id"] for row in notices(kind="push.issued", urgency="alarm")] == [
            cast.second_officer.post.pk
        ]

    def test_everybody_knows_who_comes(self, sent, cast):
        told = notices(kind="reinforcement.sent")
        assert {row["post_id"] for row in told if row["post_id"]} >= {cast.officer.post.pk}
        assert {row["role"] for row in told if row["role"]} == {"duty_commander", "dispatcher"}
        assert all("处警二" in row["body"] and "处警二" not in row["title"] for row in told)

    def test_the_helper_signs_and_arrives_and_the_alert_stays_the_crews(self, sent, cast, clock):
        helper = services.sign_push(helper_of(sent.push), actor=cast.second_officer, at=clock.at)
        services.arrive(helper, actor=cast.second_officer, at=clock.at)
        sent.push.alert.refresh_from_db()
        assert sent.push.alert.dispatch_status == "signed"
        assert selectors.first_push_of(sent.push.alert) == sent.push
        with pytest.raises(Conflict, match="主处警民警"):
            services.feed_back(helper, outcome="settled", text="好。", actor=cast.second_officer, at=clock.at)

    def test_the_second_answer_learns_of_the_first(self, sent, cast, clock):
        with pytest.raises(Stale) as refusal:
            services.answer_reinforcement(sent, numbers=["330002"], actor=cast.duty_commander, at=clock.at)
        assert "指挥室" in refusal.value.who

    @pytest.mark.parametrize(
        ("numbers", "word"), [([], "请选择"), (["999"], "999"), (["330021"], "110"), (["330001"], "已在处置")]
    )
    def test_whom_the_station_cannot_send(self, asked, cast, clock, numbers, word):
        with pytest.raises(Invalid) as refusal:
            services.answer_reinforcement(asked, numbers=numbers, actor=cast.station_command, at=clock.at)
        assert word in str(refusal.value.message) + str(refusal.value.fields)

    def test_the_desk_sends_another_stations_crew(self, asked, cast, clock):
        services.answer_reinforcement(asked, numbers=["330021"], actor=cast.duty_commander, at=clock.at)
        assert visible_to(cast.other_officer, at=clock.at).get() == asked.push.case

    def test_a_helpers_unsigned_push_climbs_like_any_other(self, sent, cast, clock):
        clock.advance(hours=1)
        deadlines.sweep(at=clock.at)
        assert clock_of(helper_of(sent.push), "push_first.sign").fired_at == clock.at


class TestEnding:
    def test_withdrawn_before_the_answer(self, asked, cast, clock):
        row = services.withdraw_reinforcement(asked.push, actor=cast.officer, at=clock.at)
        assert row.status == "withdrawn"
        assert not deadlines.Deadline.objects.filter(subject_kind="reinforcement", state="open").exists()
        with pytest.raises(Stale):
            services.answer_reinforcement(row, numbers=["330002"], actor=cast.station_command, at=clock.at)

    def test_withdrawn_on_their_way_they_turn_round(self, sent, cast, clock):
        services.withdraw_reinforcement(sent.push, actor=cast.officer, at=clock.at)
        services.withdraw_reinforcement(sent.push, actor=cast.officer, at=clock.at)
        assert helper_of(sent.push).status == "ended"
        told = notices(kind="reinforcement.withdrawn", post_id=cast.second_officer.post.pk)
        assert len(told) == 1

    def test_nothing_to_withdraw(self, signed, cast, clock):
        with pytest.raises(Conflict):
            services.withdraw_reinforcement(signed, actor=cast.officer, at=clock.at)

    def test_the_report_ends_request_and_help(self, sent, cast, clock):
        services.feed_back(sent.push, outcome="absent", text="已离开。", actor=cast.officer, at=clock.at)
        assert helper_of(sent.push).status == "ended"
        assert notices(kind="push.ended", post_id=cast.second_officer.post.pk)

    def test_the_report_ends_a_request_nobody_answered(self, asked, cast, clock):
        services.feed_back(asked.push, outcome="absent", text="已离开。", actor=cast.officer, at=clock.at)
        assert Reinforcement.objects.get().status == "over"


class TestCrewText:
    def test_words_from_the_scene_raise_the_colour_and_never_lower_it(self, signed, cast, clock):
        services.add_crew_text(
            signed, text="对方从车上拿出菜刀，扬言砍死报警人。", actor=cast.officer, at=clock.at
        )
        signed.refresh_from_db()
        assert (signed.colour, signed.case.colour) == ("red", "red")
        services.add_crew_text(signed, text="刀已收走，双方平静。", actor=cast.officer, at=clock.at)
        signed.case.refresh_from_db()
        assert signed.case.colour == "red"
        signed.alert.refresh_from_db()
        assert signed.alert.version == 3

    def test_the_others_on_the_push_and_the_command_room_are_told(self, sent, cast, clock):
        services.add_crew_text(sent.push, text="又来三人。", actor=cast.officer, at=clock.at)
        told = notices(kind="push.follow_on")
        assert [row["post_id"] for row in told if row["post_id"]] == [cast.second_officer.post.pk]
        assert [row["role"] for row in told if row["role"]] == ["station_command"]

    def test_what_the_desk_learns_later_reaches_the_crew(self, sent, cast, clock):
        intake.add_text(sent.push.alert, text="报警人称又来三人。", actor=cast.dispatcher, at=clock.at)
        told = {row["post_id"] for row in notices(kind="push.follow_on")}
        assert told == {cast.officer.post.pk, cast.second_officer.post.pk}

    def test_not_before_the_signature_nor_after_the_report(self, call, signed, cast, clock):
        unsigned = selectors.first_push_of(call(KNIFE, address="后村3号", reporter=None, parties=()))
        with pytest.raises(Conflict):
            services.add_crew_text(unsigned, text="新情况", actor=cast.officer, at=clock.at)
        services.feed_back(signed, outcome="absent", text="已离开。", actor=cast.officer, at=clock.at)
        with pytest.raises(Conflict):
            services.add_crew_text(signed, text="新情况", actor=cast.officer, at=clock.at)
