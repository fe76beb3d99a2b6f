"""Acts on rows of the sheet: third push and consultation asked for in bulk, one notice, slips taken back."""

from datetime import date, timedelta

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.common.errors import Invalid, NoRight
from mediation import services as mediation
from mediation.models import AgendaEntry, Decision
from routing import services
from routing.models import DailySheetRow, Push
from tests.routing.conftest import CALM
from tests.routing.test_pushes import notices

MORNING = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _with_agenda(_later_stages_rest, monkeypatch):
    """The agenda follows here: what is taken back must leave it."""
    for word, follower in (("requested", "list_requested"), ("withdrawn", "drop_requested")):
        monkeypatch.setitem(
            lifecycle.FOLLOWED_BY, f"consultation.{word}", (f"mediation.services.{follower}",)
        )


@pytest.fixture
def sheet(handle, cast, clock):
    clock.set("2026-03-04T10:00:00+08:00")
    for number in range(3):
        handle(CALM, address=f"象珠镇{number}村", reporter=None, parties=())
    clock.set("2026-03-05T08:00:00+08:00")
    return services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)


@pytest.fixture
def act(sheet, cast, clock):
    """`act("assign", post=…)` on every unsettled row, or on the rows given."""

    def run(what, *, rows=None, actor=None, **options):
        ids = [row.pk for row in rows or unsettled(sheet)]
        who = actor or cast.station_chief
        return services.act_on_rows(sheet, row_ids=ids, act=what, actor=who, at=clock.at, **options)

    return run


@pytest.fixture
def undo(sheet, cast, clock):
    def run(what):
        ids = [row.pk for row in unsettled(sheet)]
        return services.undo_on_rows(sheet, row_ids=ids, act=what, actor=cast.station_chief, at=clock.at)

    return run


def unsettled(sheet):
    return list(DailySheetRow.objects.filter(sheet=sheet, section="unsettled").order_by("position"))


def addressees(sheet):
    return list(Push.objects.filter(tier=2).order_by("id").values_list("addressee_post", flat=True))


class TestThirdPush:
    def test_the_command_room_is_asked_with_a_clock_and_one_notice(self, sheet, act, cast, clock):
        results = act("third")
        assert [result.text for result in results] == ["已交综合指挥室拟报三推"] * 3
        clocks = Deadline.objects.filter(kind="third_push.prepare", state="open")
        assert {(row.holder_unit, row.holder_role) for row in clocks} == {
            (cast.units.station, "station_command")
        }
        assert len(notices(kind="third_push.asked", role="station_command")) == 1
        assert CaseEvent.objects.filter(kind="third_push.asked").count() == 3

    def test_asking_twice_asks_once(self, sheet, act):
        act("third")
        assert {result.text for result in act("third")} == {"此前已要求拟报三推"}
        assert CaseEvent.objects.filter(kind="third_push.asked").count() == 3

    def test_asked_again_on_the_next_sheet_is_said_and_the_others_go_on(self, sheet, act, cast, clock):
        act("third", rows=unsettled(sheet)[:1])
        clock.set("2026-03-06T08:00:00+08:00")
        friday = services.issue_sheet(cast.units.station, sheet_on=clock.at.date(), actor=SYSTEM, at=clock.at)
        results = services.act_on_rows(
            friday, row_ids=[row.pk for row in unsettled(friday)], act="third", actor=cast.station_chief,
            at=clock.at,
        )  # fmt: skip
        assert sorted(result.text for result in results) == ["已交综合指挥室拟报三推"] * 2 + [
            "此前已要求拟报三推"
        ]
        assert not friday.rows.filter(third_asked_at=None).exists()

    def test_the_proposal_meets_it(self, sheet, act, cast, clock):
        (row, *_) = unsettled(sheet)
        act("third", rows=[row])
        services.meet_preparation(row.case, event=CaseEvent.objects.last(), actor=SYSTEM, at=clock.at)
        assert Deadline.objects.get(kind="third_push.prepare").state == "met"

    def test_what_is_settled_is_told_row_by_row(self, sheet, act, cast, clock):
        row = unsettled(sheet)[1]
        cases.settle(row.case, how="agreement", text="和好", actor=cast.community_officer, at=clock.at)
        assert [result.done for result in act("third")] == [True, False, True]


class TestBulk:
    def test_a_case_in_several_sections_is_acted_on_once(self, sheet, act):
        results = act("consult", rows=list(sheet.rows.all()))
        assert len(results) == 3
        assert CaseEvent.objects.filter(kind="consultation.requested").count() == 3
        assert not sheet.rows.filter(consulted_at=None).exists()

    def test_the_officer_gets_one_notice_for_all(self, sheet, act, cast):
        other = cast.add("second_community", "community_officer", cast.units.area)
        act("assign", post=other.post)
        (told,) = notices(kind="push.assigned")
        assert told["post_id"] == other.post.pk
        assert "等 3 件" in told["title"]

    def test_an_unknown_act_is_refused_with_its_field(self, act):
        with pytest.raises(Invalid) as refusal:
            act("erase")
        assert "act" in refusal.value.fields

    @pytest.mark.parametrize("who", ["officer", "community_officer", "bureau"])
    def test_only_those_who_lead_the_station(self, act, cast, who):
        with pytest.raises(NoRight):
            act("read", actor=getattr(cast, who))


class TestUndo:
    def test_read(self, sheet, act, undo):
        act("read")
        undo("read")
        assert sheet.rows.filter(read_at=None).count() == sheet.rows.count()

    def test_an_assignment_goes_back_to_whose_it_was(self, sheet, act, undo, cast):
        before = addressees(sheet)
        other = cast.add("second_community", "community_officer", cast.units.area)
        act("assign", post=other.post)
        assert addressees(sheet) == [other.post.pk] * 3
        assert all(result.done for result in undo("assign"))
        assert addressees(sheet) == before
        assert {row.case.holder_post_id for row in unsettled(sheet)} == set(before)
        assert not sheet.rows.exclude(assigned_to=None).exists()

    def test_assigned_twice_goes_back_to_the_one_before(self, sheet, act, undo, cast):
        second = cast.add("second_community", "community_officer", cast.units.area)
        third = cast.add("third_community", "community_officer", cast.units.area)
        act("assign", post=second.post)
        act("assign", post=third.post)
        undo("assign")
        assert addressees(sheet) == [second.post.pk] * 3

    def test_not_once_the_new_one_has_signed(self, sheet, act, undo, cast, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        act("assign", post=other.post)
        clock.advance(minutes=5)
        push = Push.objects.get(tier=2, case=unsettled(sheet)[0].case)
        services.sign_push(push, actor=other, at=clock.at)
        assert [result.done for result in undo("assign")] == [False, True, True]

    def test_not_once_the_new_one_has_spoken_with_the_parties(self, sheet, act, undo, cast, clock):
        case = unsettled(sheet)[0].case
        services.record_contact(case, mode="phone", text="已联系", actor=cast.community_officer, at=clock.at)
        other = cast.add("second_community", "community_officer", cast.units.area)
        clock.advance(minutes=5)
        act("assign", post=other.post)
        clock.advance(minutes=5)
        services.record_contact(case, mode="phone", text="再次联系", actor=other, at=clock.at)
        assert [result.done for result in undo("assign")] == [False, True, True]

    def test_not_once_the_night_of_the_crew_ended_with_it(self, sheet, act, undo, cast, clock):
        push = Push.objects.get(tier=2, case=unsettled(sheet)[0].case)
        Push.objects.filter(pk=push.pk).update(night_since_at=clock.at - timedelta(hours=2))
        other = cast.add("second_community", "community_officer", cast.units.area)
        act("assign", post=other.post)
        assert [result.done for result in undo("assign")] == [False, True, True]

    def test_third_push_until_it_is_proposed(self, sheet, act, undo, clock):
        act("third")
        (first, *_) = unsettled(sheet)
        services.meet_preparation(first.case, event=CaseEvent.objects.last(), actor=SYSTEM, at=clock.at)
        assert [result.done for result in undo("third")] == [False, True, True]
        assert Deadline.objects.filter(kind="third_push.prepare", state="open").count() == 0

    def test_consultation_until_something_was_decided(self, sheet, act, undo, cast, clock):
        act("consult")
        (first, *_) = unsettled(sheet)
        entry = AgendaEntry.objects.get(case=first.case)
        Decision.objects.create(
            entry=entry, unit=cast.units.department, task="核查", due_at=clock.at + timedelta(days=3),
            decided_at=clock.at, decided_by=cast.station_chief.post,
        )  # fmt: skip
        assert [result.done for result in undo("consult")] == [False, True, True]
        assert list(AgendaEntry.objects.all()) == [entry]

    def test_and_it_may_be_asked_for_again(self, sheet, act, undo):
        act("consult")
        undo("consult")
        assert {result.text for result in act("consult")} == {"已提交当日会商"}
        assert AgendaEntry.objects.count() == 3

    def test_an_unknown_act_is_refused(self, undo):
        with pytest.raises(Invalid):
            undo("sign")


def test_listing_stays_the_consultations_own(sheet, act, cast, clock):
    """What was put on the agenda there is not taken off from the sheet."""
    case = unsettled(sheet)[0].case
    meeting = mediation.convene_consultation(
        level="day", held_on=MORNING, actor=cast.station_chief, at=clock.at
    )
    mediation.put_on_agenda(meeting, case, reason="久拖未决", actor=cast.station_chief, at=clock.at)
    act("consult", rows=unsettled(sheet)[:1])
    services.undo_on_rows(
        sheet, row_ids=[unsettled(sheet)[0].pk], act="consult", actor=cast.station_chief, at=clock.at
    )
    assert AgendaEntry.objects.filter(case=case).count() == 1
