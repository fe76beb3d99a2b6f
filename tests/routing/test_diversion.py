"""非警务分流: calm matters only, with a notice; nobody accepts in thirty minutes and it comes back."""

from datetime import timedelta

import pytest

from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from intake.models import Alert
from routing import services
from routing.models import HandoverNotice, WorkOrder
from routing.tasks import return_unaccepted_diversions
from tests.routing.conftest import KNIFE, PUSHED

REASON = "属民事纠纷，无治安违法行为"


@pytest.fixture
def divert(story, cast, clock):
    """Divert a case to the street centre: `divert(case)`."""

    def act(case, *, actor=None, **given):
        told = services.Diversion(**{"target": cast.units.centre, "reason": REASON, **given})
        return services.divert(case, told, actor=actor or cast.station_command, at=clock.at)

    return act


@pytest.fixture
def calm(story):
    case = story.tracked()
    assert (case.colour, case.side) == ("blue", "non_police")
    return case


class TestDiverting:
    def test_order_notice_and_case(self, divert, calm, cast, clock):
        order = divert(calm, delivery="signed")
        calm.refresh_from_db()
        notice = HandoverNotice.objects.get()
        assert (order.kind, order.status, calm.status) == ("diversion", "sent", "joint")
        assert (notice.why_not_police, notice.receiver) == (REASON, "象珠镇综治中心")
        assert (notice.delivery, notice.delivered_at) == ("signed", clock.at)
        assert Alert.objects.get().diverted_at == clock.at
        kinds = set(CaseEvent.objects.filter(case=calm).values_list("kind", flat=True))
        assert {"case.diverted", "order.sent"} <= kinds
        clock_row = Deadline.objects.get(kind="diversion.accept")
        assert clock_row.due_at == clock.at + timedelta(minutes=30)

    @pytest.mark.parametrize("status", ["pool", "scene", "tracking"])
    def test_from_these_statuses(self, divert, calm, status):
        Case.objects.update(status=status)
        assert divert(calm).status == "sent"

    @pytest.mark.parametrize("status", ["review", "joint", "verifying", "settled", "closed", "void"])
    def test_not_from_these(self, divert, calm, status):
        Case.objects.update(status=status)
        with pytest.raises(Conflict):
            divert(calm)

    @pytest.mark.parametrize(("colour", "side"), [
        ("red", "non_police"), ("orange", "non_police"), ("blue", "police"), ("", "non_police"),
        ("yellow", ""),
    ])  # fmt: skip
    def test_dispatch_comes_before_diversion(self, divert, calm, colour, side):
        Case.objects.update(colour=colour, side=side)
        with pytest.raises(Invalid) as refusal:
            divert(calm)
        assert refusal.value.code == "dispatch_before_diversion"

    @pytest.mark.parametrize("narrative", [KNIFE])
    def test_as_triage_coloured_it(self, divert, call, narrative):
        with pytest.raises(Invalid):
            divert(call(narrative).case)

    def test_yellow_may_go(self, divert, call):
        case = Case.objects.get(pk=call(PUSHED).case_id)
        Case.objects.filter(pk=case.pk).update(side="non_police")
        assert divert(case).status == "sent"

    @pytest.mark.parametrize(("given", "field"), [
        ({"target": None}, "target"), ({"reason": " "}, "reason"), ({"delivery": "shouted"}, "delivery"),
    ])  # fmt: skip
    def test_refused_in_words(self, divert, calm, given, field):
        with pytest.raises(Invalid) as refusal:
            divert(calm, **given)
        assert field in refusal.value.fields

    def test_never_to_a_police_unit(self, divert, calm, cast):
        with pytest.raises(Invalid) as refusal:
            divert(calm, target=cast.units.other_station)
        assert "target" in refusal.value.fields

    def test_never_to_another_county(self, divert, calm, cast):
        cast.units.other_department.bureau = cast.units.city
        with pytest.raises(Invalid) as refusal:
            divert(calm, target=cast.units.other_department)
        assert "target" in refusal.value.fields

    @pytest.mark.parametrize("who", ["centre", "mediator", "dispatcher", "bureau"])
    def test_who_may_not(self, divert, calm, cast, who):
        with pytest.raises(NoRight):
            divert(calm, actor=getattr(cast, who))

    def test_a_department_takes_what_was_sent_to_it(self, divert, calm, cast, clock):
        order = divert(calm, target=cast.units.department)
        assert services.accept_order(order, actor=cast.department, at=clock.at).status == "accepted"


class TestComingBack:
    @pytest.mark.parametrize(("minutes", "status"), [(29, "sent"), (30, "returned"), (600, "returned")])
    def test_after_thirty_minutes(self, divert, calm, cast, clock, minutes, status):
        divert(calm)
        clock.advance(minutes=minutes)
        return_unaccepted_diversions()
        return_unaccepted_diversions()
        assert WorkOrder.objects.get().status == status
        calm.refresh_from_db()
        assert calm.status == ("tracking" if status == "returned" else "joint")
        assert CaseEvent.objects.filter(kind="order.returned").count() == (status == "returned")
        assert (Alert.objects.get().diverted_at is None) == (status == "returned")

    def test_recalled_it_counts_as_police_work_again(self, divert, calm, story):
        story.act("recall", divert(calm))
        assert Alert.objects.get().diverted_at is None

    def test_a_redirect_starts_the_thirty_minutes_anew(self, divert, calm, cast, clock):
        order = divert(calm, target=cast.units.county_centre)
        clock.advance(minutes=25)
        services.redirect_order(
            order, addressee=cast.units.centre, text="属象珠", actor=cast.county_centre, at=clock.at
        )
        clock.advance(minutes=29)
        assert services.return_unaccepted(at=clock.at) == 0
        clock.advance(minutes=1)
        assert services.return_unaccepted(at=clock.at) == 1

    def test_accepted_in_time_it_stays(self, divert, calm, cast, clock):
        order = divert(calm)
        services.accept_order(order, actor=cast.centre, at=clock.at)
        clock.advance(hours=5)
        assert services.return_unaccepted(at=clock.at) == 0

    def test_one_that_fails_keeps_no_other_waiting(self, divert, story, cast, clock, monkeypatch):
        first = divert(story.tracked())
        second = divert(story.tracked(address="象珠镇象珠二村8号", reporter=None, parties=()))
        clock.advance(hours=1)
        from routing.services import _diversion

        kept = _diversion.end_returned

        def fail_first(case, row, **told):
            if row.pk == first.pk:
                raise RuntimeError("broken row")
            kept(case, row, **told)

        monkeypatch.setattr(_diversion, "end_returned", fail_first)
        assert services.return_unaccepted(at=clock.at) == 1
        second.refresh_from_db()
        assert second.status == "returned"
