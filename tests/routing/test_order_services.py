"""Push 3: proposed, approved by another person, sent, accepted, worked on, verified; and the ways back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import DutyRoster, Role
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Stale
from dispute_hub.outbox.models import OutboxRow
from routing import services
from routing.models import AnalysisReport, OrderStatus, WorkOrder
from tests.routing.conftest import CALM, KNIFE
from tests.routing.orders import REPORT


def clock_of(order, kind, state="open"):
    return Deadline.objects.get(subject_kind="workorder", subject_id=order.pk, kind=kind, state=state)


def notices(kind):
    rows = OutboxRow.objects.filter(topic="notice").values_list("payload", flat=True)
    return [row for row in rows if row["kind"] == kind]


# handbook 4, Order statuses: which act leads where, and the status of the case that follows.
LEADS = {
    ("proposed", "approve"): ("sent", "joint"),
    ("proposed", "reject"): ("rejected", "tracking"),
    ("sent", "accept"): ("accepted", "joint"),
    ("sent", "return"): ("returned", "tracking"),
    ("sent", "recall"): ("recalled", "tracking"),
    ("accepted", "return"): ("returned", "tracking"),
    ("accepted", "settle"): ("to_verify", "verifying"),
    ("accepted", "assign"): ("accepted", "joint"),
    ("accepted", "feed_back"): ("accepted", "joint"),
    ("to_verify", "verify_yes"): ("done", "settled"),
    ("to_verify", "verify_no"): ("accepted", "joint"),
}
ACTS = sorted({act for _, act in LEADS})


class TestStates:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("status", OrderStatus.values)
    def test_every_act_in_every_status(self, story, status, act):
        order = story.at_status(status)
        case_status = Case.objects.get(pk=order.case_id).status
        if (status, act) in LEADS:
            order = story.act(act, order)
            assert (order.status, order.case.status) == LEADS[status, act]
            return
        # An order that was not sent does not exist for the other side; else the table refuses.
        with pytest.raises((Conflict, OutOfScope)), transaction.atomic():
            story.act(act, order)
        order.refresh_from_db()
        assert (order.status, Case.objects.get(pk=order.case_id).status) == (status, case_status)

    def test_the_case_waits_for_approval(self, story):
        assert story.proposed().case.status == "review"

    @pytest.mark.parametrize("wrong", ["scene", "joint", "settled"])
    def test_only_a_tracked_case_is_proposed(self, story, call, cast, clock, wrong):
        case = {
            "scene": lambda: call(CALM).case,
            "joint": lambda: story.sent().case,
            "settled": lambda: story.done().case,
        }[wrong]()
        with pytest.raises(Conflict):
            story.proposed(Case.objects.get(pk=case.pk))


class TestProposing:
    def test_report_and_packet_are_kept(self, story, cast):
        order = story.proposed(lead_unit=cast.units.department, assisting=(cast.units.grid,))
        report = AnalysisReport.objects.get(order=order)
        assert (report.facts, report.attachments, report.author) == (
            REPORT.facts, ["警情记录"], cast.station_command.post,
        )  # fmt: skip
        assert order.addressee == cast.units.centre
        assert list(order.proposed_assisting.all()) == [cast.units.grid]
        assert not order.packet

    @pytest.mark.parametrize("missing", ["facts", "causes", "risk", "work_done", "suggestions"])
    def test_every_section_is_needed(self, story, missing):
        from dataclasses import replace

        with pytest.raises(Invalid) as refusal:
            story.proposed(report=replace(REPORT, **{missing: " "}))
        assert list(refusal.value.fields) == [missing]

    def test_an_order_goes_to_a_centre_only(self, story, cast):
        with pytest.raises(Invalid) as refusal:
            story.proposed(addressee=cast.units.other_station)
        assert "addressee" in refusal.value.fields

    def test_a_form_filled_against_an_older_case_is_refused(self, story, cast, clock):
        case = story.tracked()
        with pytest.raises(Stale):
            services.propose_third_push(
                case, story.draft(), actor=cast.station_command, at=clock.at, version=case.version - 1
            )

    def test_one_open_order_per_case_even_in_the_database(self, story):
        order = story.proposed()
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkOrder.objects.create(
                no="X", case=order.case, kind="diversion", status="sent", addressee=order.addressee,
                proposed_at=order.proposed_at,
            )  # fmt: skip

    @pytest.mark.parametrize(("procedure", "both", "kind"), [
        ("", False, "third_push"), ("无", False, "third_push"), ("诉讼", False, "notice_only"),
        ("诉讼", True, "third_push"),
    ])  # fmt: skip
    def test_a_lawful_procedure_under_way_leaves_a_notice_only(self, story, procedure, both, kind):
        case = story.tracked(procedure=procedure)
        assert story.proposed(case, both_applied=both).kind == kind

    def test_a_notice_informs_and_keeps_the_case_with_the_officer(self, story, cast, clock):
        order = story.proposed(story.tracked(procedure="仲裁"))
        order = services.approve_order(order, actor=cast.station_chief, at=clock.at)
        assert (order.status, order.case.status) == ("sent", "tracking")
        services.accept_order(order, actor=cast.centre, at=clock.at)
        assert not Deadline.objects.filter(subject_kind="workorder", state="open").exists()
        with pytest.raises(Conflict):
            services.settle_order(order, how="agreement", text="x", actor=cast.centre, at=clock.at)


class TestApproving:
    def test_never_by_the_proposer(self, story, cast, clock):
        both = cast.add_post(cast.station_command, Role.STATION_CHIEF, cast.units.station)
        order = story.proposed()
        for act, told in ((services.approve_order, {}), (services.reject_order, {"text": "否"})):
            with pytest.raises(NoRight):
                act(order, actor=both, at=clock.at, **told)
        assert WorkOrder.objects.get().status == "proposed"

    def test_the_database_refuses_it_too(self, story):
        order = story.proposed()
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkOrder.objects.filter(pk=order.pk).update(approver_user=order.proposer_user)

    def test_the_duty_leader_approves_while_on_duty(self, story, cast, clock):
        order = story.proposed()
        with pytest.raises(NoRight):
            services.approve_order(order, actor=cast.officer, at=clock.at)
        cast.roster(cast.officer, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=12))
        assert services.approve_order(order, actor=cast.officer, at=clock.at).approved_by_duty

    def test_a_rejection_needs_a_reason_and_reaches_the_proposer(self, story, cast, clock):
        order = story.proposed()
        with pytest.raises(Invalid):
            services.reject_order(order, text=" ", actor=cast.station_chief, at=clock.at)
        story.act("reject", order)
        assert [row["post_id"] for row in notices("order.rejected")] == [cast.station_command.post.pk]

    def test_what_was_sent_is_sealed_and_hashed(self, story):
        from django.db import connection

        order = story.sent()
        assert len(order.packet_hash) == 64
        assert "对方乙" in order.packet
        with connection.cursor() as cursor:
            cursor.execute("SELECT packet FROM routing_workorder WHERE id = %s", [order.pk])
            assert "对方乙".encode() not in bytes(cursor.fetchone()[0])


class TestClocks:
    @pytest.mark.parametrize(("grade", "approve_within", "accept_due"), [
        # Proposed on Wednesday 4 March at 09:00; working days end at 24:00.
        ("extra_urgent", timedelta(hours=2), "2026-03-04T11:00:00+08:00"),
        ("urgent", timedelta(hours=12), "2026-03-06T00:00:00+08:00"),
        ("normal", timedelta(hours=39), "2026-03-07T00:00:00+08:00"),
    ])  # fmt: skip
    def test_limits_by_grade(self, story, clock, grade, approve_within, accept_due):
        from dispute_hub.common.time import parse_instant

        order = story.proposed(grade=grade)
        assert clock_of(order, "order.approve").due_at == clock.at + approve_within
        story.act("approve", order)
        assert clock_of(order, "order.approve", "met")
        assert clock_of(order, "order.accept").due_at == parse_instant(accept_due)

    @pytest.mark.parametrize(("grade", "days", "progress"), [
        ("extra_urgent", 7, True), ("urgent", 15, True), ("normal", 30, False),
    ])  # fmt: skip
    def test_acceptance_starts_result_and_progress(self, story, clock, grade, days, progress):
        order = story.accepted(grade=grade)
        assert clock_of(order, "order.accept", "met")
        due_at = clock_of(order, "order.result").due_at
        assert timedelta(days=days) < due_at - clock.at <= timedelta(days=days + 3)
        running = Deadline.objects.filter(subject_kind="workorder", kind="order.progress", state="open")
        assert running.exists() == progress

    def test_feedback_starts_progress_again(self, story, clock):
        order = story.accepted(grade="extra_urgent")
        first = clock_of(order, "order.progress").due_at
        clock.advance(hours=5)
        story.act("feed_back", order)
        assert clock_of(order, "order.progress").due_at == first + timedelta(hours=5)

    def test_settling_hands_the_clock_to_the_responsible_officer(self, story, cast, clock):
        order = story.to_verify()
        assert clock_of(order, "order.result", "met")
        verify = clock_of(order, "order.verify")
        assert verify.holder_post == cast.community_officer.post
        assert Case.objects.get().holder_post == cast.community_officer.post
        assert {row["role"] or row["post_id"] for row in notices("order.to_verify")} == {
            "station_command", cast.community_officer.post.pk,
        }  # fmt: skip

    @pytest.mark.parametrize("end", ["reject", "recall", "return"])
    def test_no_clock_of_an_ended_order_runs_on(self, story, end):
        before = {"reject": "proposed", "recall": "sent", "return": "accepted"}[end]
        story.act(end, getattr(story, before)())
        assert not Deadline.objects.filter(subject_kind="workorder", state="open").exists()

    def test_failed_verification_keeps_the_result_date(self, story, clock):
        order = story.accepted()
        due_at = clock_of(order, "order.result").due_at
        story.act("verify_no", story.act("settle", order))
        assert clock_of(order, "order.result").due_at == due_at
        assert clock_of(order, "order.verify", "met")


class TestReturning:
    def test_a_reason_code_is_needed(self, story, cast, clock):
        with pytest.raises(Invalid) as refusal:
            services.return_order(
                story.sent(), reason_code="because", text="x", actor=cast.centre, at=clock.at
            )
        assert "reason_code" in refusal.value.fields

    def test_a_returned_case_is_the_officers_again(self, story, cast):
        order = story.act("return", story.accepted())
        assert order.case.holder_post == cast.community_officer.post
        assert [row["role"] for row in notices("order.returned")] == ["station_command"]
        assert not CaseGrant.objects.filter(reason="order", ends_at=None).exists()

    def test_after_two_returns_the_county_centre_decides(self, story, cast, clock):
        order = story.act("return", story.sent())
        assert story.proposed(order.case).addressee == cast.units.centre
        story.act("return", story.act("approve", WorkOrder.objects.get(status="proposed")))
        third = story.proposed(Case.objects.get(), addressee=cast.units.centre)
        assert third.addressee == cast.units.county_centre
        third = services.approve_order(third, actor=cast.station_chief, at=clock.at)
        with pytest.raises(OutOfScope):
            services.accept_order(third, actor=cast.centre, at=clock.at)
        assert services.accept_order(third, actor=cast.county_centre, at=clock.at).status == "accepted"


class TestAssigning:
    def test_units_see_the_case_only_while_they_are_on_it(self, story, cast, clock):
        order = story.act("assign", story.accepted())
        assert visible_to(cast.department, at=clock.at).exists()
        assert {row["role"] for row in notices("order.assigned")} == {"department", "grid_worker"}
        services.assign_order(
            order, lead_unit=cast.units.other_department, assisting_units=[], actor=cast.centre, at=clock.at
        )
        assert not visible_to(cast.department, at=clock.at).exists()

    def test_no_centre_puts_the_police_to_work(self, story, cast, clock):
        with pytest.raises(Invalid) as refusal:
            services.assign_order(
                story.accepted(), lead_unit=cast.units.station, assisting_units=[], actor=cast.centre,
                at=clock.at,
            )  # fmt: skip
        assert "lead_unit" in refusal.value.fields

    def test_a_unit_on_the_order_reports_progress_others_do_not(self, story, cast, clock):
        order = story.act("assign", story.accepted())
        services.feed_back_order(order, text="已到场", actor=cast.department, at=clock.at)
        with pytest.raises(OutOfScope):
            services.feed_back_order(order, text="已到场", actor=cast.other_department, at=clock.at)


class TestExtending:
    def ask(self, story, order, days=40):
        return services.extend_order(
            order, until_at=story.clock.at + timedelta(days=days), reason="当事人在外地",
            actor=story.cast.centre, at=story.clock.at,
        )  # fmt: skip

    def test_asked_decided_moved(self, story, cast, clock):
        order = story.accepted()
        before = clock_of(order, "order.result").due_at
        extension = self.ask(story, order)
        assert clock_of(order, "order.result").due_at == before
        services.decide_extension(extension, approved=True, actor=cast.station_chief, at=clock.at)
        assert clock_of(order, "order.result").due_at == extension.until_at

    def test_refused_with_a_reason(self, story, cast, clock):
        order = story.accepted()
        before = clock_of(order, "order.result").due_at
        extension = self.ask(story, order)
        with pytest.raises(Invalid):
            services.decide_extension(extension, approved=False, actor=cast.station_chief, at=clock.at)
        services.decide_extension(
            extension, approved=False, text="时间足够", actor=cast.station_chief, at=clock.at
        )
        assert clock_of(order, "order.result").due_at == before

    def test_two_and_no_third_one_at_a_time(self, story, cast, clock):
        order = story.accepted()
        for days in (40, 50):
            extension = self.ask(story, order, days)
            with pytest.raises(Conflict):
                self.ask(story, order, 60)
            services.decide_extension(extension, approved=True, actor=cast.station_chief, at=clock.at)
        with pytest.raises(Conflict):
            self.ask(story, order, 60)

    def test_never_to_an_earlier_day(self, story):
        with pytest.raises(Invalid) as refusal:
            self.ask(story, story.accepted(), days=5)
        assert "until" in refusal.value.fields


class TestVerifying:
    def test_a_case_settled_meanwhile_ends_the_proposal(self, story, cast, clock):
        order = story.proposed()
        cases.settle(order.case, how="oral_agreement", text="和好", actor=cast.community_officer, at=clock.at)
        order.refresh_from_db()
        assert (order.status, order.ended_at) == ("rejected", clock.at)
        assert CaseEvent.objects.filter(kind="order.rejected", cause__kind="case.settled").exists()

    def test_done_settles_as_the_centre_said(self, story):
        case = Case.objects.get(pk=story.done().case_id)
        assert (case.status, case.settle_how) == ("settled", "oral_agreement")

    def test_family_violence_is_not_reported_as_plain_mediation(self, story, cast, clock):
        order = story.accepted()
        Case.objects.update(item_code="P0401")
        with pytest.raises(Invalid):
            services.settle_order(order, how="agreement", text="和好", actor=cast.centre, at=clock.at)


class TestWhoMay:
    @pytest.mark.parametrize(("act", "status", "wrong"), [
        ("approve_order", "proposed", "station_command"), ("approve_order", "proposed", "centre"),
        ("accept_order", "sent", "station_chief"), ("accept_order", "sent", "grid_worker"),
        ("recall_order", "sent", "centre"), ("settle_order", "accepted", "station_command"),
        ("verify_order", "to_verify", "centre"), ("assign_order", "accepted", "department"),
    ])  # fmt: skip
    def test_a_role_without_the_right(self, story, cast, clock, act, status, wrong):
        told = {
            "recall_order": {"text": "x"}, "settle_order": {"how": "agreement", "text": "x"},
            "verify_order": {"accepted": True, "text": "x"},
            "assign_order": {"lead_unit": None, "assisting_units": []},
        }.get(act, {})  # fmt: skip
        order = story.at_status(status)
        with pytest.raises(NoRight):
            getattr(services, act)(order, actor=getattr(cast, wrong), at=clock.at, **told)

    @pytest.mark.parametrize("act", ["accept_order", "return_order"])
    def test_for_another_centre_it_does_not_exist(self, story, cast, clock, act):
        told = {"reason_code": "not_ours", "text": "x"} if act == "return_order" else {}
        with pytest.raises(OutOfScope):
            getattr(services, act)(story.sent(), actor=cast.other_centre, at=clock.at, **told)


def test_a_red_case_takes_the_same_way(story):
    assert story.proposed(story.tracked(KNIFE, address="象珠镇象珠三村1号")).case.colour == "red"
