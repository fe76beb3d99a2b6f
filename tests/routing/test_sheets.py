"""The morning sheet: frozen once at 08:00, equal to the counts as of its cut-off, signed, acted on."""

from datetime import date, timedelta

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import CaseEvent
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Stale
from routing import selectors, services
from routing.models import DailySheet, Push, ShiftHandover
from tests.routing.conftest import CALM, KNIFE

MORNING = date(2026, 3, 5)


@pytest.fixture
def yesterday(handle, clock):
    """One calm unsettled, one red, one settled with risk on 3 March … 4 March; returns the cases."""
    clock.set("2026-03-04T10:00:00+08:00")
    calm = handle(CALM, "unsettled")
    clock.set("2026-03-04T15:00:00+08:00")
    red = handle(KNIFE, "unsettled", address="象珠镇后村3号", reporter=None, parties=())
    clock.set("2026-03-04T23:59:59+08:00")
    risky = handle(CALM, "settled_at_risk", address="象珠镇前村5号", reporter=None, parties=())
    return calm, red, risky


@pytest.fixture
def sheet(yesterday, cast, clock):
    clock.set("2026-03-05T08:00:00+08:00")
    return services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)


def numbers(sheet, section):
    return list(sheet.rows.filter(section=section).values_list("case_no", flat=True))


class TestFreezing:
    def test_a_push_that_ends_meanwhile_keeps_no_sheet_waiting(self, yesterday, cast, clock, monkeypatch):
        lock = cases.lock

        def late(pk):
            Push.objects.filter(case=pk, tier=2).update(status="ended", ended_at=clock.at)
            return lock(pk)

        monkeypatch.setattr(cases, "lock", late)
        clock.set("2026-03-05T08:00:00+08:00")
        assert services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at).pk

    def test_not_before_eight(self, yesterday, cast, clock):
        clock.set("2026-03-05T07:59:59+08:00")
        with pytest.raises(Conflict):
            services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)

    def test_sections_oldest_first_and_counts_equal_rows(self, sheet, yesterday):
        calm, red, risky = (case.case_no for case in yesterday)
        assert numbers(sheet, "new") == [calm, red, risky]
        assert numbers(sheet, "unsettled") == [calm, red, risky]
        assert numbers(sheet, "settled_at_risk") == [risky]
        assert sheet.figures == {
            section: sheet.rows.filter(section=section).count() for section in sheet.figures
        }

    def test_issuing_again_changes_nothing(self, sheet, handle, cast, clock):
        handle(CALM, address="象珠镇新村1号", reporter=None, parties=())
        again = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
        assert again.pk == sheet.pk
        assert again.rows.count() == sheet.rows.count()

    def test_it_sends_the_push_two_that_waited(self, yesterday, sheet, clock):
        calm = Push.objects.get(case=yesterday[0], tier=2)
        assert (calm.status, calm.sheet, calm.issued_at) == ("issued", sheet, clock.at)
        red = Push.objects.get(case=yesterday[1], tier=2)
        assert red.sheet is None

    def test_what_happens_after_the_cut_off_does_not_show(self, yesterday, cast, clock):
        calm = yesterday[0]
        clock.set("2026-03-05T02:00:00+08:00")
        cases.settle(calm, how="oral_agreement", text="和好", actor=cast.community_officer, at=clock.at)
        clock.set("2026-03-05T08:00:00+08:00")
        sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
        row = sheet.rows.get(section="unsettled", case=calm)
        assert row.status == "tracking"

    def test_an_alert_after_midnight_is_in_part_two_and_counted_tomorrow(
        self, yesterday, handle, cast, clock
    ):
        clock.set("2026-03-05T00:00:00+08:00")
        early = handle(CALM, address="象珠镇夜村1号", reporter=None, parties=())
        clock.set("2026-03-05T08:00:00+08:00")
        sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
        assert early.case_no not in numbers(sheet, "new")
        part_two = selectors.since_midnight(cast.units.station.pk, MORNING, at=clock.at)
        assert [row.case_no for row in part_two["new"]] == [early.case_no]

    def test_part_two_ends_with_the_signed_hand_over(self, sheet, handle, cast, clock):
        clock.set("2026-03-05T08:30:00+08:00")
        services.sign_handover(cast.units.station, note="", actor=cast.officer, at=clock.at)
        items = ShiftHandover.objects.get().items
        services.sign_handover(
            cast.units.station, note="", actor=cast.second_officer, at=clock.at,
            taken=range(1, len(items) + 1),
        )  # fmt: skip
        clock.advance(minutes=1)
        handle(CALM, address="象珠镇晨村1号", reporter=None, parties=())
        assert selectors.since_midnight(cast.units.station.pk, MORNING, at=clock.at)["new"] == []

    def test_figures_stand_beside_those_of_the_day_before(self, sheet, cast, clock):
        clock.set("2026-03-06T08:00:00+08:00")
        day = MORNING + timedelta(days=1)
        following = services.issue_sheet(cast.units.station, sheet_on=day, actor=SYSTEM, at=clock.at)
        assert following.figures_before == sheet.figures
        assert following.figures["new"] == 0

    def test_a_case_set_aside_later_is_a_correction_beside_the_frozen_row(
        self, sheet, yesterday, cast, clock
    ):
        # The calm case goes back to the scene's fate by the command room's word.
        cases.confirm_no_dispute(
            yesterday[0], as_status="not_dispute", text="核实", actor=cast.station_command, at=clock.at
        )
        (correction,) = selectors.corrections(sheet)
        assert correction.case_no == yesterday[0].case_no
        assert yesterday[0].case_no in numbers(sheet, "new")

    def test_a_case_told_late_stands_beside_the_frozen_rows(self, sheet, yesterday, call, cast, clock):
        at = clock.at
        alert = call(CALM, at=at.replace(hour=2) - timedelta(days=1), address="象珠镇迟村1号",
                     reporter=None, parties=())  # fmt: skip
        (correction,) = selectors.corrections(sheet)
        assert (correction.case_no, correction.text) == (alert.case.case_no, "冻结后计入：统计时段内接报")
        assert alert.case.case_no not in numbers(sheet, "new")

    def test_the_sweep_finds_missing_mornings_once(self, yesterday, cast, clock):
        clock.set("2026-03-05T09:10:00+08:00")
        assert services.issue_missing_sheets(actor=SYSTEM, at=clock.at) == 6
        assert services.issue_missing_sheets(actor=SYSTEM, at=clock.at) == 0
        assert DailySheet.objects.filter(station=cast.units.station, sheet_on=MORNING).exists()


class TestSigning:
    def test_the_chief_signs(self, sheet, yesterday, cast, clock):
        signed = services.sign_sheet(sheet, actor=cast.station_chief, at=clock.at)
        assert (signed.signed_by, signed.signed_by_duty) == (cast.station_chief.post, False)
        assert CaseEvent.objects.filter(kind="sheet.signed", case=yesterday[0]).count() == 1

    def test_the_duty_leader_signs_for_him(self, sheet, cast, clock):
        cast.roster(cast.officer, "leader", clock.at - timedelta(hours=1), clock.at + timedelta(hours=1))
        assert services.sign_sheet(sheet, actor=cast.officer, at=clock.at).signed_by_duty is True

    def test_a_second_signature_learns_of_the_first(self, sheet, cast, clock):
        other = cast.add("second_chief", "station_chief", cast.units.station)
        services.sign_sheet(sheet, actor=cast.station_chief, at=clock.at)
        services.sign_sheet(sheet, actor=cast.station_chief, at=clock.at)
        with pytest.raises(Stale):
            services.sign_sheet(sheet, actor=other, at=clock.at)

    @pytest.mark.parametrize("who", ["officer", "station_command", "other_station_chief"])
    def test_nobody_else(self, sheet, cast, clock, who):
        with pytest.raises(NoRight):
            services.sign_sheet(sheet, actor=getattr(cast, who), at=clock.at)

    def test_another_station_does_not_find_it(self, sheet, cast, clock):
        with pytest.raises(OutOfScope):
            selectors.get_sheet(cast.other_station_chief, "330784-XZ", MORNING, at=clock.at)
        assert selectors.get_sheet(cast.bureau, "330784-XZ", MORNING, at=clock.at) == sheet


class TestActingOnRows:
    def rows(self, sheet):
        return list(sheet.rows.filter(section="unsettled"))

    def test_assign_moves_push_clocks_and_holder(self, sheet, yesterday, cast, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        row = self.rows(sheet)[0]
        (result,) = services.act_on_rows(
            sheet, row_ids=[row.pk], act="assign", actor=cast.station_chief, at=clock.at, post=other.post
        )
        assert result.done
        push = Push.objects.get(case=row.case, tier=2)
        assert push.addressee_post == other.post
        row.case.refresh_from_db()
        assert row.case.holder_post == other.post
        assert set(row.case.deadlines.filter(state="open").values_list("holder_post", flat=True)) == {
            other.post.pk
        }

    def test_many_at_once_each_for_itself(self, sheet, yesterday, cast, clock):
        cases.settle(yesterday[0], how="agreement", text="和好", actor=cast.community_officer, at=clock.at)
        ids = [row.pk for row in self.rows(sheet)]
        results = services.act_on_rows(
            sheet, row_ids=ids, act="consult", actor=cast.station_chief, at=clock.at
        )
        assert [result.done for result in results] == [False, True, True]
        assert CaseEvent.objects.filter(kind="consultation.requested").count() == 2

    def test_read_is_marked_on_every_row_of_the_case(self, sheet, cast, clock):
        row = self.rows(sheet)[0]
        services.act_on_rows(sheet, row_ids=[row.pk], act="read", actor=cast.station_chief, at=clock.at)
        assert not sheet.rows.filter(case=row.case, read_at=None).exists()

    def test_assigning_needs_one_of_our_own(self, sheet, cast, clock):
        (result,) = services.act_on_rows(
            sheet, row_ids=[self.rows(sheet)[0].pk], act="assign", actor=cast.station_chief, at=clock.at,
            post=cast.other_community_officer.post,
        )  # fmt: skip
        assert not result.done
        with pytest.raises(Invalid):
            services.act_on_rows(sheet, row_ids=[1], act="assign", actor=cast.station_chief, at=clock.at)
