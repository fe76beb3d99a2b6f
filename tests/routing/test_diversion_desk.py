"""Diversion from the desk: proposed, confirmed within ten minutes by another; the notice; nobody takes it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from intake.models import Alert
from routing import services
from routing.models import HandoverNotice, Push, WorkOrder
from tests.routing.test_order_services import notices

REASON = "属民事纠纷，无治安违法行为"


@pytest.fixture
def proposed(call, cast, clock):
    """A calm call the dispatcher would divert."""
    case = Case.objects.get(pk=call().case_id)
    told = services.Diversion(target=cast.units.centre, reason=REASON)
    return services.propose_diversion(case, told, actor=cast.dispatcher, at=clock.at)


class TestConfirming:
    def test_ten_minutes_and_dispatch_goes_on(self, proposed, cast, clock):
        running = Deadline.objects.get(kind="diversion.confirm")
        assert running.due_at == clock.at + timedelta(minutes=10)
        assert (running.holder_unit, running.holder_role) == (cast.units.reception, "duty_commander")
        assert (proposed.status, proposed.case.status) == ("proposed", "scene")
        assert Push.objects.get(tier=1).status == "issued"
        assert Alert.objects.get().diverted_at is None

    def test_confirmed_it_goes_out_and_nobody_drives_there(self, proposed, cast, clock):
        clock.advance(minutes=4)
        order = services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        case = Case.objects.get()
        assert (order.status, order.sent_at, case.status) == ("sent", clock.at, "joint")
        assert Deadline.objects.get(kind="diversion.confirm").state == "met"
        assert Push.objects.get(tier=1).status == "ended"
        assert not Deadline.objects.filter(subject_kind="push", state="open").exists()
        assert Alert.objects.get().dispatch_status == "none"
        assert [row["role"] for row in notices("case.diverted")] == ["station_command"]

    def test_a_crew_that_signed_goes_on(self, proposed, cast, clock):
        services.sign_push(Push.objects.get(tier=1), actor=cast.officer, at=clock.at)
        services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        assert Push.objects.get(tier=1).status == "signed"

    @pytest.mark.parametrize("colour", ["red", "orange"])
    def test_the_colour_rose_meanwhile(self, proposed, cast, clock, colour):
        Case.objects.update(colour=colour)
        with pytest.raises(Invalid) as refusal:
            services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        assert refusal.value.code == "dispatch_before_diversion"
        text = cast.client(cast.duty_commander).get("/diversions/").content.decode()
        assert "须先派警处置" in text
        assert "确认分流</button>" not in text

    def test_refused_with_a_reason_the_case_stays(self, proposed, cast, clock):
        with pytest.raises(Invalid):
            services.refuse_diversion(proposed, text=" ", actor=cast.duty_commander, at=clock.at)
        services.refuse_diversion(proposed, text="报警人称对方在砸门", actor=cast.duty_commander, at=clock.at)
        proposed.refresh_from_db()
        assert (proposed.status, Case.objects.get().status) == ("rejected", "scene")
        assert Push.objects.get(tier=1).status == "issued"
        assert {row["post_id"] or row["role"] for row in notices("diversion.refused")} == {
            cast.dispatcher.post.pk, "station_command",
        }  # fmt: skip

    @pytest.mark.parametrize(("outcome", "status"), [("receives", "proposed"), ("first", "rejected")])
    def test_a_three_party_call(self, proposed, cast, clock, outcome, status):
        services.note_three_party_call(
            proposed, participants="110、象珠镇综治中心、报警人", outcome=outcome, text="权属已议",
            actor=cast.duty_commander, at=clock.at,
        )  # fmt: skip
        proposed.refresh_from_db()
        assert proposed.status == status
        assert CaseEvent.objects.filter(kind="diversion.three_party_call").count() == 1

    def test_twice_has_one_effect(self, proposed, cast, clock):
        services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        with pytest.raises(Conflict):
            services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        assert CaseEvent.objects.filter(kind="case.diverted").count() == 1

    def test_one_proposal_at_a_time(self, proposed, cast, clock):
        told = services.Diversion(target=cast.units.centre, reason=REASON)
        with pytest.raises(Conflict):
            services.propose_diversion(proposed.case, told, actor=cast.dispatcher, at=clock.at)


class TestWhoMay:
    def test_nobody_confirms_his_own(self, proposed, cast, clock):
        both = cast.add_post(cast.dispatcher, Role.DUTY_COMMANDER, cast.units.reception)
        with pytest.raises(NoRight):
            services.confirm_diversion(proposed, actor=both, at=clock.at)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkOrder.objects.filter(pk=proposed.pk).update(approver_user=proposed.proposer_user)

    @pytest.mark.parametrize("who", ["dispatcher", "station_chief", "centre", "bureau"])
    def test_not_without_the_right(self, proposed, cast, clock, who):
        with pytest.raises(NoRight):
            services.confirm_diversion(proposed, actor=getattr(cast, who), at=clock.at)

    def test_another_desk_does_not_find_it(self, proposed, cast, clock):
        other = cast.add("other_commander", Role.DUTY_COMMANDER, cast.units.other_station)
        with pytest.raises(OutOfScope):
            services.confirm_diversion(proposed, actor=other, at=clock.at)
        assert cast.client(other).post(f"/diversions/{proposed.no}/confirm/").status_code == 404

    def test_a_chief_does_not_approve_it_as_a_third_push(self, proposed, cast, clock):
        text = cast.client(cast.station_chief).get("/approvals/orders/").content.decode()
        assert proposed.no not in text
        with pytest.raises((NoRight, Conflict, OutOfScope)):
            services.approve_order(proposed, actor=cast.station_chief, at=clock.at)


class TestPages:
    def test_from_the_alert_to_the_confirmation(self, call, cast):
        alert = call()
        desk, commander = cast.client(cast.dispatcher), cast.client(cast.duty_commander)
        case_no = Case.objects.get().case_no
        assert (
            f"/cases/{case_no}/propose-diversion/" in desk.get(f"/alerts/{alert.alert_no}/").content.decode()
        )
        body = {"target": cast.units.centre.code, "reason": REASON, "row_version": Case.objects.get().version}
        assert desk.post(f"/cases/{case_no}/propose-diversion/", body).status_code == 302
        no = WorkOrder.objects.get().no
        assert REASON in commander.get("/diversions/").content.decode()
        assert commander.post(f"/diversions/{no}/confirm/").status_code == 302
        assert "已分流" in commander.get("/diversions/").content.decode()

    def test_a_refused_act_stands_in_its_row_with_what_was_typed(self, proposed, cast):
        browser = cast.client(cast.duty_commander)
        told = {"participants": "接警员、综治中心", "outcome": "", "text": "双方各执一词"}
        answer = browser.post(f"/diversions/{proposed.no}/call/", told)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "接警员、综治中心" in text and "双方各执一词" in text
        assert text.count("已填内容仍保留") == 1

    def test_what_was_decided_meanwhile_is_told_at_the_head(self, proposed, cast, clock):
        services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        second = cast.add("second_commander", Role.DUTY_COMMANDER, cast.units.reception)
        answer = cast.client(second).post(f"/diversions/{proposed.no}/refuse/", {"text": "应先派警"})
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "应先派警" in text and "待签收" in text

    def test_the_notice_is_offered_once_it_was_sent(self, proposed, cast, clock):
        path, notice = f"/orders/{proposed.no}/", f"/orders/{proposed.no}/notice/"
        browser = cast.client(cast.station_command)
        assert notice not in browser.get(path).content.decode()
        services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        assert notice in browser.get(path).content.decode()

    def test_queries_are_the_same_for_one_and_many(self, proposed, call, cast, clock):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        browser = cast.client(cast.duty_commander)

        def counted():
            with CaptureQueriesContext(connection) as queries:
                browser.get("/diversions/")
            return len(queries)

        counted()
        few = counted()
        for number in range(3):
            alert = call(address=f"象珠镇象珠{number}村{number}号", reporter=None, parties=())
            told = services.Diversion(target=cast.units.centre, reason=REASON)
            services.propose_diversion(alert.case, told, actor=cast.dispatcher, at=clock.at)
        assert counted() == few <= 12


class TestNobodyTakesIt:
    def test_back_with_an_alarm_to_station_and_desk(self, proposed, cast, clock):
        services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)
        clock.advance(minutes=30)
        assert services.return_unaccepted(at=clock.at) == 1
        assert services.return_unaccepted(at=clock.at) == 0
        told = notices("diversion.unaccepted")
        assert {row["role"] for row in told} == {"station_command", "duty_commander"}
        assert {row["urgency"] for row in told} == {"alarm"}
        assert Case.objects.get().status == "tracking"


class TestNotice:
    @pytest.fixture
    def order(self, proposed, cast, clock):
        return services.confirm_diversion(proposed, actor=cast.duty_commander, at=clock.at)

    @pytest.mark.parametrize(("delivery", "second"), [
        ("signed", ""), ("message", ""), ("recorded_call", ""), ("refused", "处警二"),
    ])  # fmt: skip
    def test_four_ways(self, order, cast, clock, delivery, second):
        services.deliver_notice(
            order, delivery=delivery, second_officer=second, text="录音0031", actor=cast.officer, at=clock.at
        )
        notice = HandoverNotice.objects.get()
        assert (notice.delivery, notice.delivered_by) == (delivery, cast.officer.post)
        text = cast.client(cast.station_command).get(f"/orders/{order.no}/notice/").content.decode()
        assert notice.get_delivery_display() in text
        assert "录音0031" in text

    @pytest.mark.parametrize("second", ["", "  ", "处警一"])
    def test_a_refusal_needs_two_officers_face_to_face(self, order, cast, clock, second):
        with pytest.raises(Invalid) as refusal:
            services.deliver_notice(
                order, delivery="refused", second_officer=second, text="", actor=cast.officer, at=clock.at
            )
        assert "second_officer" in refusal.value.fields

    def test_not_before_it_is_sent(self, proposed, cast, clock):
        with pytest.raises(Conflict):
            services.deliver_notice(
                proposed, delivery="message", second_officer="", text="", actor=cast.officer, at=clock.at
            )
        browser = cast.client(cast.station_command)
        assert browser.get(f"/orders/{proposed.no}/notice/").status_code == 404
