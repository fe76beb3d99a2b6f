"""Push 3 at work: returned, assigned, extended, verified; and who may do none of it."""

from datetime import timedelta

import pytest

from dispute_hub.accounts.models import Unit
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, CaseGrant
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from routing import selectors, services
from routing.models import WorkOrder
from tests.routing.test_order_services import clock_of, notices


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

    def test_what_ends_leaves_the_sight_another_order_gives(self, story, cast, clock):
        order = story.proposed(story.tracked(procedure="仲裁"))
        services.approve_order(order, actor=cast.station_chief, at=clock.at)
        services.accept_order(order, actor=cast.centre, at=clock.at)
        case = Case.objects.get()
        for end in ("reject", "recall"):
            later = story.proposed(case, both_applied=True, applied_text="双方3月4日书面申请")
            if end == "recall":
                services.approve_order(later, actor=cast.station_chief, at=clock.at)
            story.act(end, later)
            assert visible_to(cast.centre, at=clock.at).exists()

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


class TestRedirected:
    @pytest.fixture
    def read_before(self, story, cast, clock):
        """The order as the county centre's page read it, before a colleague sent it on to 象珠."""
        order = story.sent()
        WorkOrder.objects.update(addressee=cast.units.county_centre)
        order.refresh_from_db()
        services.redirect_order(
            WorkOrder.objects.get(), addressee=cast.units.centre, text="属象珠", actor=cast.county_centre,
            at=clock.at,
        )  # fmt: skip
        return order

    def test_the_county_neither_signs_nor_returns_nor_sends_on_what_it_sent_on(
        self, read_before, cast, clock
    ):
        for act, told in (
            (services.accept_order, {}),
            (services.return_order, {"reason_code": "not_ours", "text": "x"}),
            (services.redirect_order, {"addressee": cast.units.other_centre, "text": "x"}),
        ):
            with pytest.raises(OutOfScope):
                act(read_before, actor=cast.county_centre, at=clock.at, **told)
        assert WorkOrder.objects.get().addressee == cast.units.centre


class TestAssigning:
    def test_units_see_the_case_only_while_they_are_on_it(self, story, cast, clock):
        order = story.act("assign", story.accepted())
        assert visible_to(cast.department, at=clock.at).exists()
        assert {row["role"] for row in notices("order.assigned")} == {"department", "grid_worker"}
        other = services.TaskDraft(cast.units.other_department, "lead")
        services.assign_order(order, tasks=[other], actor=cast.centre, at=clock.at)
        assert not visible_to(cast.department, at=clock.at).exists()

    def test_no_centre_puts_the_police_to_work(self, story, cast, clock):
        with pytest.raises(Invalid) as refusal:
            services.assign_order(
                story.accepted(), tasks=[services.TaskDraft(cast.units.station, "lead")], actor=cast.centre,
                at=clock.at,
            )  # fmt: skip
        assert "lead_unit" in refusal.value.fields

    @pytest.mark.parametrize("unit", ["other_grid", "other_community"])
    def test_no_centre_reaches_into_another_street(self, story, cast, clock, unit):
        tasks = [*story.split(), services.TaskDraft(getattr(cast.units, unit))]
        with pytest.raises(Invalid) as refusal:
            services.assign_order(story.accepted(), tasks=tasks, actor=cast.centre, at=clock.at)
        assert list(refusal.value.fields) == ["unit_2"]

    def test_nor_into_another_county(self, story, cast, clock):
        Unit.objects.filter(pk=cast.units.department.pk).update(bureau=cast.units.city)
        with pytest.raises(Invalid):
            story.act("assign", story.accepted())
        assert not visible_to(cast.department, at=clock.at).exists()

    def test_a_centre_named_by_the_county_puts_its_own_grids_to_work(self, story, cast, clock):
        order = story.sent()
        WorkOrder.objects.update(addressee=cast.units.county_centre)
        services.redirect_order(
            order, addressee=cast.units.other_centre, text="属古山", actor=cast.county_centre, at=clock.at
        )
        services.accept_order(order, actor=cast.other_centre, at=clock.at)
        tasks = [services.TaskDraft(cast.units.other_grid, "lead")]
        services.assign_order(order, tasks=tasks, actor=cast.other_centre, at=clock.at)
        page = cast.client(cast.other_centre).get(f"/orders/{order.no}/").content.decode()
        assert 'value="330784-GS-C1-W1"' in page
        assert 'value="330784-XZ-C1-W1"' not in page

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

    def test_nobody_decides_on_what_was_returned_meanwhile(self, story, cast):
        extension = self.ask(story, story.accepted())
        assert list(selectors.pending_extensions(cast.station_chief)) == [extension]
        story.act("return", extension.order)
        assert not selectors.pending_extensions(cast.station_chief).exists()
        assert not extension.order.extensions.exists()

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

    @pytest.mark.parametrize("status", ["accepted", "to_verify"])
    def test_a_case_with_its_order_in_hand_is_settled_through_the_order_alone(
        self, story, cast, clock, status
    ):
        order = story.at_status(status)
        with pytest.raises(Conflict, match="交办单核查"):
            cases.settle(
                order.case, how="oral_agreement", text="和好", actor=cast.station_command, at=clock.at
            )
        order.refresh_from_db()
        assert (order.status, Case.objects.get(pk=order.case_id).status) == (status, order.case.status)

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
            "assign_order": {"tasks": []},
        }.get(act, {})  # fmt: skip
        order = story.at_status(status)
        with pytest.raises(NoRight):
            getattr(services, act)(order, actor=getattr(cast, wrong), at=clock.at, **told)

    @pytest.mark.parametrize("act", ["accept_order", "return_order"])
    def test_for_another_centre_it_does_not_exist(self, story, cast, clock, act):
        told = {"reason_code": "not_ours", "text": "x"} if act == "return_order" else {}
        with pytest.raises(OutOfScope):
            getattr(services, act)(story.sent(), actor=cast.other_centre, at=clock.at, **told)
