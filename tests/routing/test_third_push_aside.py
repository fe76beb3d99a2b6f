"""回避, 管辖争议 and the county's word: who keeps away, which station holds, which centre takes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from routing import selectors, services
from routing.models import JurisdictionDispute, Push, Recusal, WorkOrder
from tests.routing.conftest import CALM
from tests.routing.test_third_push_deciding import told


def declared(case, cast, clock, *, user=None, why="kin", actor=None):
    return services.declare_recusal(
        case, user=user or cast.community_officer.user, why=why, text="与报警人系表兄弟",
        actor=actor or cast.station_command, at=clock.at,
    )  # fmt: skip


def decided(row, cast, clock, *, approved=True, actor=None, text="", to=None):
    return services.decide_recusal(
        row, approved=approved, actor=actor or cast.station_chief, at=clock.at, text=text, to=to
    )


class TestRecusal:
    def test_work_goes_on_until_a_leader_decides(self, story, cast, clock):
        case = story.tracked()
        row = declared(case, cast, clock)
        assert Case.objects.get(pk=case.pk).holder_post == cast.community_officer.post
        clock_row = Deadline.objects.get(kind="recusal.approve", state="open")
        assert (clock_row.due_at - clock.at, clock_row.holder_role) == (
            timedelta(hours=4),
            Role.STATION_CHIEF,
        )
        assert told("recusal") == [(cast.station_chief.post.pk, None, "")]
        decided(row, cast, clock)
        assert not Deadline.objects.filter(kind="recusal.approve", state="open").exists()

    def test_the_case_goes_to_somebody_else(self, story, cast, clock):
        other = cast.add("second_community", Role.COMMUNITY_OFFICER, cast.units.area)
        case = story.tracked()
        decided(declared(case, cast, clock), cast, clock)
        push = Push.objects.get(case=case, tier=2)
        assert (push.addressee_post, Case.objects.get(pk=case.pk).holder_post) == (other.post, other.post)
        held = Deadline.objects.filter(subject_kind="push", subject_id=push.pk, state="open")
        assert set(held.values_list("holder_post", flat=True)) <= {other.post.pk, None}

    def test_without_anybody_else_it_is_the_stations(self, story, cast, clock):
        case = story.tracked()
        decided(declared(case, cast, clock), cast, clock)
        case.refresh_from_db()
        assert (case.holder_unit, case.holder_post) == (cast.units.station, None)

    def test_he_is_found_for_nothing_on_this_case_again(self, story, cast, clock):
        case = story.tracked()
        decided(declared(case, cast, clock), cast, clock)
        officer = cast.community_officer
        with pytest.raises(Invalid):
            services.assign_case(case, post=officer.post, actor=cast.station_chief, at=clock.at)
        with pytest.raises(NoRight):
            services.propose_third_push(
                Case.objects.get(pk=case.pk), story.draft(), actor=officer, at=clock.at
            )
        order = story.proposed(Case.objects.get(pk=case.pk))
        order = story.act("settle", story.act("accept", story.act("approve", order)))
        assert Case.objects.get(pk=case.pk).holder_post is None
        with pytest.raises(NoRight):
            story.act("verify_yes", order)

    def test_a_recused_chief_approves_nothing(self, story, cast, clock):
        case = story.tracked()
        row = declared(case, cast, clock, user=cast.station_chief.user)
        decided(row, cast, clock, actor=cast.bureau)
        order = story.proposed(Case.objects.get(pk=case.pk))
        with pytest.raises(NoRight):
            services.approve_order(order, actor=cast.station_chief, at=clock.at)
        assert services.approve_order(order, actor=cast.bureau, at=clock.at).status == "sent"

    @pytest.mark.parametrize("who", ["himself", "declarer"])
    def test_neither_he_nor_the_declarer_decides(self, story, cast, clock, who):
        case = story.tracked()
        user = cast.station_chief.user if who == "himself" else cast.officer.user
        row = declared(case, cast, clock, user=user, actor=cast.station_chief)
        with pytest.raises(NoRight):
            decided(row, cast, clock)
        with pytest.raises(IntegrityError), transaction.atomic():
            Recusal.objects.filter(pk=row.pk).update(decider_user=cast.station_chief.user)

    def test_refused_with_a_reason_and_may_be_declared_anew(self, story, cast, clock):
        case = story.tracked()
        row = declared(case, cast, clock)
        with pytest.raises(Conflict):
            declared(case, cast, clock)
        with pytest.raises(Invalid):
            decided(row, cast, clock, approved=False)
        decided(row, cast, clock, approved=False, text="非近亲属")
        assert declared(case, cast, clock).status == "proposed"

    def test_one_complained_of_takes_the_case_out_of_his_station(self, story, cast, clock):
        case = story.tracked()
        row = declared(case, cast, clock, user=cast.officer.user, why="complained_of")
        assert told("recusal") == [(cast.bureau.post.pk, None, "")]
        with pytest.raises(NoRight):
            decided(row, cast, clock)
        for to in (None, cast.units.station):
            with pytest.raises(Invalid):
                decided(row, cast, clock, actor=cast.bureau, to=to)
        decided(row, cast, clock, actor=cast.bureau, to=cast.units.other_station)
        case.refresh_from_db()
        assert case.station == cast.units.other_station
        for gone in (cast.station_chief, cast.station_command, cast.community_officer, cast.officer):
            assert not visible_to(gone, at=clock.at).filter(pk=case.pk).exists(), gone.role

    def test_the_end_of_the_case_ends_it_not_its_settlement(self, story, cast, clock):
        order = story.to_verify()
        row = declared(order.case, cast, clock, user=cast.officer.user)
        story.act("verify_yes", order)
        row.refresh_from_db()
        assert row.status == "proposed"
        cases.close(Case.objects.get(pk=order.case_id), actor=SYSTEM, at=clock.at)
        row.refresh_from_db()
        assert (row.status, row.decision_text) == ("refused", "案件已结束，无需审批")
        assert not Deadline.objects.filter(kind="recusal.approve", state="open").exists()


class TestJurisdiction:
    def raised(self, case, cast, clock, **given):
        said = {"proposed": cast.units.other_station, "text": "事发地在古山", **given}
        return services.raise_jurisdiction(case, actor=cast.station_command, at=clock.at, **said)

    def judged(self, row, cast, clock, to, *, actor=None):
        return services.decide_jurisdiction(
            row, to=to, text="以事发地为准", actor=actor or cast.bureau, at=clock.at
        )

    def test_the_first_holds_until_the_bureau_decides_in_four_hours(self, story, cast, clock):
        case = story.tracked()
        self.raised(case, cast, clock)
        due = Deadline.objects.get(kind="jurisdiction.decide")
        assert (due.due_at - clock.at, due.holder_unit) == (timedelta(hours=4), cast.units.bureau)
        assert Case.objects.get(pk=case.pk).station == cast.units.station
        with pytest.raises(Conflict):
            self.raised(case, cast, clock)
        clock.advance(hours=4)
        deadlines.sweep(at=clock.at)
        assert (None, cast.units.bureau.pk, Role.BUREAU) in told("deadline.breached")

    def test_the_case_goes_over_with_everything_that_runs(self, story, cast, clock):
        case = story.tracked()
        row = self.raised(case, cast, clock)
        self.judged(row, cast, clock, cast.units.other_station)
        case.refresh_from_db()
        assert (case.station, case.status, case.area) == (cast.units.other_station, "tracking", None)
        push = Push.objects.get(case=case, tier=2)
        assert (push.addressee_unit, push.addressee_role) == (cast.units.other_station, Role.STATION_COMMAND)
        held = Deadline.objects.filter(case=case, state="open").values_list("holder_unit", flat=True)
        assert set(held) <= {cast.units.other_station.pk}
        assert visible_to(cast.other_station_command, at=clock.at).filter(pk=case.pk).exists()
        assert not visible_to(cast.station_command, at=clock.at).filter(pk=case.pk).exists()

    def test_an_unsigned_dispatch_follows_a_crew_under_way_stays(self, call, cast, clock):
        alert = call(CALM)
        self.judged(self.raised(alert.case, cast, clock), cast, clock, cast.units.other_station)
        push = selectors.first_push_of(alert)
        assert push.addressee_unit == cast.units.other_station
        second = call(CALM, address="象珠镇后村9号", reporter=None, parties=())
        signed = services.sign_push(selectors.first_push_of(second), actor=cast.officer, at=clock.at)
        self.judged(self.raised(second.case, cast, clock), cast, clock, cast.units.other_station)
        signed.refresh_from_db()
        assert signed.signed_by == cast.officer.post

    def test_what_the_first_chief_had_to_decide_is_the_second_chiefs(self, story, cast, clock):
        case = story.tracked()
        declared(case, cast, clock)
        self.judged(self.raised(case, cast, clock), cast, clock, cast.units.other_station)
        waiting = Deadline.objects.get(kind="recusal.approve")
        assert (waiting.holder_unit, waiting.holder_role) == (cast.units.other_station, Role.STATION_CHIEF)

    def test_it_may_stay_where_it_is(self, story, cast, clock):
        case = story.tracked()
        self.judged(self.raised(case, cast, clock), cast, clock, cast.units.station)
        assert Case.objects.get(pk=case.pk).holder_post == cast.community_officer.post
        assert not CaseEvent.objects.filter(case=case, kind="case.transferred").exists()

    def test_only_the_bureau_decides_and_never_the_raiser(self, story, cast, clock):
        row = self.raised(story.tracked(), cast, clock)
        with pytest.raises(NoRight):
            self.judged(row, cast, clock, cast.units.station, actor=cast.station_chief)
        both = cast.add_post(cast.station_command, Role.BUREAU, cast.units.bureau)
        with pytest.raises(NoRight):
            self.judged(row, cast, clock, cast.units.station, actor=both)
        with pytest.raises(IntegrityError), transaction.atomic():
            JurisdictionDispute.objects.filter(pk=row.pk).update(decider_user=cast.station_command.user)

    def test_an_order_under_way_is_ended_first(self, story, cast, clock):
        with pytest.raises(Conflict):
            self.raised(story.sent().case, cast, clock)


class TestCounty:
    @pytest.fixture
    def order(self, story):
        for _ in range(2):
            story.act("return", story.sent(**self.given()))
        case = Case.objects.get()
        return services.approve_order(story.proposed(case), actor=story.cast.station_chief, at=story.clock.at)

    def given(self):
        return {"case": Case.objects.get()} if WorkOrder.objects.exists() else {}

    def test_after_two_returns_it_names_the_addressee(self, order, cast, clock):
        assert order.addressee == cast.units.county_centre
        clock.advance(hours=1)
        order = services.redirect_order(
            order,
            addressee=cast.units.other_centre,
            text="事发地属古山",
            actor=cast.county_centre,
            at=clock.at,
        )
        assert (order.status, order.addressee) == ("sent", cast.units.other_centre)
        accept = Deadline.objects.get(kind="order.accept", state="open", subject_id=order.pk)
        assert accept.holder_unit == cast.units.other_centre
        assert services.accept_order(order, actor=cast.other_centre, at=clock.at).status == "accepted"

    @pytest.mark.parametrize("unit", ["station", "county_centre", "department"])
    def test_only_a_street_centre_of_the_county(self, order, cast, clock, unit):
        with pytest.raises(Invalid):
            services.redirect_order(
                order, addressee=getattr(cast.units, unit), text="指定", actor=cast.county_centre, at=clock.at
            )

    def test_recalled_until_accepted(self, order, story, cast, clock):
        assert story.act("recall", order).status == "recalled"
