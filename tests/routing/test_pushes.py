"""Push 1: every alert reaches a crew at once; the first signature takes it; the ten outcomes."""

from datetime import timedelta

import pytest

from dispute_hub.cases.models import CaseEvent, CaseGrant, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from dispute_hub.outbox.models import OutboxRow
from intake.models import Alert
from routing import selectors, services
from routing.models import CaseFile, Push
from tests.routing.conftest import CALM, KNIFE, LOST

CALM_ELSEWHERE = {"address": "象珠镇象珠二村8号", "reporter": None, "parties": ()}


def clock_of(push, kind, **more):
    return Deadline.objects.get(subject_kind="push", subject_id=push.pk, kind=kind, **more)


def notices(**payload):
    rows = OutboxRow.objects.filter(topic="notice").values_list("payload", flat=True)
    return [row for row in rows if all(row[name] == value for name, value in payload.items())]


@pytest.fixture
def push(call):
    return selectors.first_push_of(call(CALM))


@pytest.fixture
def signed(push, cast, clock):
    return services.sign_push(push, actor=cast.officer, at=clock.at)


class TestIssuing:
    def test_an_alert_is_pushed_to_its_station_in_the_same_transaction(self, push, cast):
        assert (push.tier, push.status, push.entry) == (1, "issued", "alert")
        assert push.addressee_unit == cast.units.station
        assert push.addressee_role == "officer"
        assert push.alert.dispatch_status == "dispatched"
        assert push.case.status == "scene"

    def test_everybody_at_the_station_sees_the_case_until_somebody_takes_it(self, push, cast, clock):
        assert visible_to(cast.officer, at=clock.at).get() == push.case
        assert not visible_to(cast.other_officer, at=clock.at).exists()

    def test_named_and_known_officers_are_the_addressee(self, call, cast):
        push = selectors.first_push_of(call(CALM, officers=("330002", "999999")))
        assert push.addressee_post == cast.second_officer.post
        assert push.addressee_posts == [cast.second_officer.post.pk]

    def test_unknown_officers_leave_it_to_the_station(self, call):
        push = selectors.first_push_of(call(CALM, officers=("999999",)))
        assert push.addressee_posts == []

    @pytest.mark.parametrize(
        ("narrative", "colour", "minutes"), [(KNIFE, "red", 1), (CALM, "blue", 30), (LOST, "", 3)]
    )
    def test_the_clock_to_sign_follows_the_colour_and_orange_where_there_is_none(
        self, call, clock, narrative, colour, minutes
    ):
        push = selectors.first_push_of(call(narrative))
        assert push.colour == colour
        assert selectors.sign_due_at(push) == clock.at + timedelta(minutes=minutes)

    def test_unknown_station_goes_to_the_duty_commander_without_a_crew(self, call, cast):
        push = selectors.first_push_of(call(CALM, station="", grid=""))
        assert push.entry == "pool"
        assert push.addressee_unit == cast.units.reception
        assert push.addressee_role == "duty_commander"
        assert push.alert.dispatch_status == "awaiting"

    def test_a_pool_push_follows_the_station_once_it_is_known(self, call, cast, clock):
        alert = call(CALM, station="", grid="")
        due_at = selectors.sign_due_at(selectors.first_push_of(alert))
        clock.advance(minutes=5)
        services.dispatch_pool(alert.case, station=cast.units.station, actor=cast.duty_commander, at=clock.at)
        push = selectors.first_push_of(alert)
        assert (push.entry, push.addressee_unit, push.addressee_role) == (
            "alert",
            cast.units.station,
            "officer",
        )
        assert selectors.sign_due_at(push) == due_at
        assert Alert.objects.get().dispatch_status == "dispatched"
        assert push.case.status == "scene"

    def test_a_roster_narrows_the_notice_to_those_on_duty(self, call, cast, clock):
        cast.roster(cast.officer, "crew", clock.at - timedelta(hours=1), clock.at + timedelta(hours=1))
        cast.roster(cast.second_officer, "crew", clock.at + timedelta(hours=1), clock.at + timedelta(hours=2))
        call(CALM)
        told = [row["post_id"] for row in notices(kind="push.issued")]
        assert told == [cast.officer.post.pk]

    def test_red_alarms_the_command_room_as_well(self, call, cast):
        call(KNIFE)
        told = {row["role"] for row in notices(kind="push.issued", urgency="alarm")}
        assert told == {"officer", "station_command"}

    def test_a_second_alert_on_an_open_case_has_its_own_dispatch(self, push, call, cast, clock):
        clock.advance(hours=5)
        second = call(CALM)
        assert second.case_id == push.case_id
        assert selectors.first_push_of(second).pk != push.pk

    def test_a_call_about_the_event_the_crew_drives_to_goes_to_that_crew(self, signed, call, cast, clock):
        clock.advance(minutes=20)
        follow_on = selectors.first_push_of(call(CALM))
        assert follow_on.case_id == signed.case_id
        assert follow_on.addressee_posts == [cast.officer.post.pk]
        assert [row["post_id"] for row in notices(kind="push.follow_on")] == [cast.officer.post.pk]
        assert not Push.objects.filter(tier=2).exists()


class TestSigning:
    def test_first_signature_takes_it(self, signed, cast, clock):
        assert (signed.status, signed.signed_by, signed.signed_at) == ("signed", cast.officer.post, clock.at)
        assert clock_of(signed, "push_first.sign").state == "met"
        assert clock_of(signed, "push_first.feed_back").due_at == clock.at + timedelta(hours=24)
        assert signed.alert.dispatch_status == "signed"

    def test_later_ones_are_told_who_took_it_and_when(self, signed, cast, clock):
        taken_at = clock.at
        clock.advance(minutes=1)
        with pytest.raises(Stale) as refusal:
            services.sign_push(signed, actor=cast.second_officer, at=clock.at)
        assert refusal.value.code == "already_signed"
        assert "处警一" in refusal.value.who
        assert refusal.value.at == taken_at

    def test_signing_again_by_the_same_person_changes_nothing(self, signed, cast, clock):
        clock.advance(minutes=1)
        again = services.sign_push(signed, actor=cast.officer, at=clock.at)
        assert again.signed_at == signed.signed_at
        assert CaseEvent.objects.filter(kind="push.signed").count() == 1

    def test_a_named_push_is_not_for_others(self, call, cast, clock):
        push = selectors.first_push_of(call(CALM, officers=("330002",)))
        with pytest.raises(NoRight):
            services.sign_push(push, actor=cast.officer, at=clock.at)

    def test_the_station_signs_for_an_officer_over_the_radio(self, push, cast, clock):
        signed = services.sign_push(
            push, actor=cast.station_command, at=clock.at, on_behalf_of="330001", how="radio"
        )
        assert signed.signed_by == cast.officer.post
        assert signed.on_behalf_by == cast.station_command.post
        assert signed.signed_how == "radio"

    @pytest.mark.parametrize(
        ("number", "how", "field"), [("330001", "", "how"), ("330021", "radio", "on_behalf_of")]
    )
    def test_on_behalf_needs_a_way_and_one_of_our_own(self, push, cast, clock, number, how, field):
        with pytest.raises(Invalid) as refusal:
            services.sign_push(push, actor=cast.station_command, at=clock.at, on_behalf_of=number, how=how)
        assert field in refusal.value.fields

    def test_officers_do_not_sign_for_others(self, push, cast, clock):
        with pytest.raises(NoRight):
            services.sign_push(push, actor=cast.officer, at=clock.at, on_behalf_of="330002", how="radio")

    def test_an_auxiliary_never_takes_a_case_alone(self, push, cast, clock):
        cast.officer.user.is_auxiliary = True
        cast.officer.user.save()
        cast.officer.post.refresh_from_db()
        with pytest.raises(NoRight):
            services.sign_push(push, actor=cast.officer, at=clock.at)

    def test_the_unit_sees_the_case_a_day_longer_then_only_who_signed(self, signed, cast, clock):
        assert visible_to(cast.second_officer, at=clock.at + timedelta(hours=23)).exists()
        assert not visible_to(cast.second_officer, at=clock.at + timedelta(hours=25)).exists()
        assert visible_to(cast.officer, at=clock.at + timedelta(hours=25)).exists()

    def test_arrival_is_recorded_once(self, call, cast, clock):
        push = selectors.first_push_of(call(KNIFE))
        services.sign_push(push, actor=cast.officer, at=clock.at)
        assert clock_of(push, "push_first.arrive").state == "open"
        clock.advance(minutes=4)
        first = services.arrive(push, actor=cast.officer, at=clock.at)
        clock.advance(minutes=1)
        assert services.arrive(push, actor=cast.officer, at=clock.at).arrived_at == first.arrived_at
        assert clock_of(push, "push_first.arrive").state == "met"
        assert Alert.objects.get().dispatch_status == "arrived"

    def test_nobody_arrives_before_signing(self, push, cast, clock):
        with pytest.raises(Conflict):
            services.arrive(push, actor=cast.officer, at=clock.at)


class TestFeedback:
    @pytest.mark.parametrize(
        ("outcome", "status", "entry"),
        [
            ("settled", "settled", None),
            ("settled_at_risk", "tracking", "settled_at_risk"),
            ("unsettled", "tracking", "unsettled"),
            ("brought_in", "tracking", "brought_in"),
            ("absent", "tracking", "absent"),
            ("waived", "tracking", "waived"),
            ("handed_over", "tracking", "handed_over"),
            ("case_filed", "tracking", "case_filed"),
            ("not_dispute", "scene", None),
            ("void", "scene", None),
        ],
    )
    def test_what_follows_from_the_scene(self, signed, cast, clock, outcome, status, entry):
        services.feed_back(signed, outcome=outcome, text="已到场处置。", actor=cast.officer, at=clock.at)
        signed.refresh_from_db()
        assert (signed.status, signed.outcome) == ("reported", outcome)
        assert signed.case.status == status
        second = Push.objects.filter(tier=2).first()
        assert (second.entry if second else None) == entry
        assert Alert.objects.get().outcome == outcome
        assert clock_of(signed, "push_first.feed_back").state == "met"

    def test_filing_a_case_opens_a_file_beside_the_dispute(self, signed, cast, clock):
        services.feed_back(signed, outcome="case_filed", text="受案。", actor=cast.officer, at=clock.at)
        assert CaseFile.objects.get().push == signed

    @pytest.mark.parametrize("outcome", ["not_dispute", "void"])
    def test_not_dispute_and_void_wait_for_the_command_room(self, signed, cast, clock, outcome):
        services.feed_back(signed, outcome=outcome, text="到场核实。", actor=cast.officer, at=clock.at)
        assert [row["role"] for row in notices(kind="case.confirm_asked")] == ["station_command"]

    def test_past_the_scene_settled_is_a_proposal_to_the_holder(self, signed, call, cast, clock):
        services.feed_back(signed, outcome="unsettled", text="未谈拢。", actor=cast.officer, at=clock.at)
        clock.advance(hours=30)
        second = services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)
        services.feed_back(second, outcome="settled", text="双方和好。", actor=cast.officer, at=clock.at)
        second.case.refresh_from_db()
        assert second.case.status == "tracking"
        assert [row["post_id"] for row in notices(kind="case.settle_proposed")] == [
            cast.community_officer.post.pk
        ]

    def test_the_officer_suggests_push_two_with_a_reason(self, signed, cast, clock):
        services.feed_back(
            signed, outcome="settled", text="当场和解。", actor=cast.officer, at=clock.at,
            suggest_push_second="男方情绪仍不稳定",
        )  # fmt: skip
        second = Push.objects.get(tier=2)
        assert (second.entry, second.reason) == ("suggested", "男方情绪仍不稳定")

    @pytest.mark.parametrize(
        ("fields", "bad"),
        [
            ({"outcome": "great", "text": "好"}, "outcome"),
            ({"outcome": "settled", "text": " "}, "text"),
            ({"outcome": "void", "text": "误拨", "suggest_push_second": "再看看"}, "suggest_push_second"),
        ],
    )
    def test_refused_in_words(self, signed, cast, clock, fields, bad):
        with pytest.raises(Invalid) as refusal:
            services.feed_back(signed, actor=cast.officer, at=clock.at, **fields)
        assert bad in refusal.value.fields

    def test_a_report_is_given_once(self, signed, cast, clock):
        services.feed_back(signed, outcome="absent", text="未见。", actor=cast.officer, at=clock.at)
        with pytest.raises(Conflict):
            services.feed_back(signed, outcome="settled", text="和好。", actor=cast.officer, at=clock.at)

    def test_only_the_crew_or_the_command_room_reports(self, signed, cast, clock):
        with pytest.raises(NoRight):
            services.feed_back(signed, outcome="absent", text="x", actor=cast.second_officer, at=clock.at)
        services.feed_back(signed, outcome="absent", text="电台报回", actor=cast.station_command, at=clock.at)


def test_void_ends_open_pushes_and_calls_the_crew_back(signed, cast, clock):
    from dispute_hub.cases import services as cases

    cases.confirm_no_dispute(
        signed.case, as_status="void", text="回拨核实为误拨", actor=cast.station_command, at=clock.at
    )
    signed.refresh_from_db()
    assert signed.status == "ended"
    assert not Deadline.objects.filter(state="open", subject_kind="push").exists()
    assert len(notices(kind="push.ended", post_id=cast.officer.post.pk)) == 1
    assert CaseGrant.objects.filter(post=cast.officer.post).exists()
