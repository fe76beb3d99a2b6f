"""Push 3: proposed, approved by another person, sent, accepted, worked on, verified; and the ways back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import DutyRoster, Role, Unit
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Stale
from dispute_hub.outbox.models import OutboxRow
from routing import selectors, services
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

    def test_an_order_stays_in_its_county(self, story, cast):
        case = story.tracked()
        Unit.objects.filter(pk=cast.units.other_centre.pk).update(bureau=cast.units.city)
        cast.units.other_centre.refresh_from_db()
        with pytest.raises(Invalid) as refusal:
            story.proposed(case, addressee=cast.units.other_centre)
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
        applied = "双方3月4日书面申请" if both else ""
        assert story.proposed(case, both_applied=both, applied_text=applied).kind == kind

    def test_a_notice_informs_and_keeps_the_case_with_the_officer(self, story, cast, clock):
        order = story.proposed(story.tracked(procedure="仲裁"))
        order = services.approve_order(order, actor=cast.station_chief, at=clock.at)
        assert (order.status, order.case.status) == ("sent", "tracking")
        order = services.accept_order(order, actor=cast.centre, at=clock.at)
        assert (order.status, order.accepted_at, order.ended_at) == ("done", clock.at, clock.at)
        assert selectors.packet_for(order, order.case, cast.centre)["parties"][0]["name"] == "报警甲"
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


def test_a_red_case_takes_the_same_way(story):
    assert story.proposed(story.tracked(KNIFE, address="象珠镇象珠三村1号")).case.colour == "red"
