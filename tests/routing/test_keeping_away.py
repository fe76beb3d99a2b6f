"""What an approved 回避 takes away at once, and whose it is then (handbook 3)."""

from __future__ import annotations

import pytest

from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from routing import selectors, services
from tests.routing.conftest import KNIFE
from tests.routing.test_third_push_aside import decided, declared
from tests.routing.test_third_push_deciding import told


def recused(case, cast, clock, who, **given):
    """An approved 回避 of this person, decided by the bureau."""
    row = declared(case, cast, clock, user=who.user, **given)
    return decided(row, cast, clock, actor=cast.bureau)


def complained(case, cast, clock, **given):
    row = declared(case, cast, clock, user=cast.officer.user, why="complained_of")
    return decided(row, cast, clock, actor=cast.bureau, **given)


class TestDispatch:
    @pytest.fixture
    def alert(self, call):
        """An unsigned red alert that names 处警一 alone."""
        return call(KNIFE, officers=("330001",))

    def test_a_dispatch_that_named_him_alone_goes_to_all_on_duty(self, alert, cast, clock):
        recused(alert.case, cast, clock, cast.officer)
        push = selectors.first_push_of(alert)
        assert (push.addressee_unit, push.addressee_role, push.addressee_posts) == (
            cast.units.station, Role.OFFICER, [],
        )  # fmt: skip
        clock_row = Deadline.objects.get(kind="push_first.sign", subject_id=push.pk)
        assert (clock_row.holder_post, clock_row.holder_unit) == (None, cast.units.station)
        assert (None, cast.units.station.pk, Role.OFFICER) in told("push.issued")
        assert selectors.get_push(cast.second_officer, push.pk, at=clock.at) == push
        assert CaseEvent.objects.filter(case=alert.case, kind="push.readdressed").exists()

    def test_another_who_is_named_keeps_it(self, call, cast, clock):
        alert = call(KNIFE, officers=("330001", "330002"))
        recused(alert.case, cast, clock, cast.officer)
        push = selectors.first_push_of(alert)
        assert (push.addressee_posts, push.addressee_post) == (
            [cast.second_officer.post.pk], cast.second_officer.post,
        )  # fmt: skip

    def test_he_does_not_sign_whatever_the_list_says(self, alert, cast, clock):
        recused(alert.case, cast, clock, cast.officer)
        push = selectors.first_push_of(alert)
        with pytest.raises(NoRight):
            services.sign_push(push, actor=cast.officer, at=clock.at)
        with pytest.raises(NoRight):
            services.sign_push(
                push, actor=cast.station_command, at=clock.at, on_behalf_of="330001", how="radio"
            )
        with pytest.raises(OutOfScope):
            selectors.get_push(cast.officer, push.pk, at=clock.at)

    def test_a_later_call_names_him_in_vain(self, alert, call, cast, clock):
        recused(alert.case, cast, clock, cast.officer)
        again = call(KNIFE, officers=("330001",))
        assert again.case_id == alert.case_id
        assert selectors.first_push_of(again).addressee_posts == []

    def test_a_dispatch_under_way_is_not_broken_off(self, alert, cast, clock):
        push = services.sign_push(selectors.first_push_of(alert), actor=cast.officer, at=clock.at)
        recused(alert.case, cast, clock, cast.officer)
        push = selectors.get_push(cast.officer, push.pk, at=clock.at)
        services.arrive(push, actor=cast.officer, at=clock.at)
        for path in (f"/pushes/{push.pk}/", "/pushes/"):
            assert cast.client(cast.officer).get(path).status_code == 200
        assert cast.client(cast.officer).get(f"/cases/{alert.case.case_no}/").status_code == 404
        services.feed_back(push, outcome="unsettled", text="到场处置。", actor=cast.officer, at=clock.at)
        with pytest.raises(OutOfScope):
            selectors.get_push(cast.officer, push.pk, at=clock.at)


class TestWork:
    def test_verifying_is_the_command_rooms_with_its_clock(self, story, cast, clock):
        order = story.to_verify()
        assert order.case.holder_post == cast.community_officer.post
        recused(order.case, cast, clock, cast.community_officer)
        case = Case.objects.get(pk=order.case_id)
        assert (case.holder_unit, case.holder_post) == (cast.units.station, None)
        verify = Deadline.objects.get(kind="order.verify", state="open")
        assert (verify.holder_unit, verify.holder_post, verify.holder_role) == (
            cast.units.station, None, Role.STATION_COMMAND,
        )  # fmt: skip
        assert (None, cast.units.station.pk, Role.STATION_COMMAND) in told("recusal")
        done = services.verify_order(
            order, accepted=True, text="属实", contacts=story.both_said(order), actor=cast.station_command,
            at=clock.at,
        )  # fmt: skip
        assert done.status == "done"

    def test_a_chief_does_nothing_with_the_row_of_a_sheet(self, story, cast, clock):
        case = story.tracked()
        clock.advance(hours=24)
        sheet = services.issue_sheet(
            cast.units.station, sheet_on=clock.at.date(), actor=cast.station_command, at=clock.at
        )
        recused(case, cast, clock, cast.station_chief)
        row = sheet.rows.filter(case=case).first()
        said = services.act_on_rows(
            sheet, row_ids=[row.pk], act="third", actor=cast.station_chief, at=clock.at
        )
        assert [one.done for one in said] == [False]


class TestComplaint:
    def test_he_is_taken_away_while_the_order_runs_and_the_move_stays_a_task(self, story, cast, clock):
        order = story.accepted()
        row = complained(order.case, cast, clock)
        assert (row.status, Case.objects.get().station) == ("approved", cast.units.station)
        page = cast.client(cast.bureau).get("/approvals/aside/").content.decode()
        assert f'id="move-{row.pk}"' in page and "交办办结或撤回后" in page
        with pytest.raises(Conflict):
            services.move_complained(row, to=cast.units.other_station, actor=cast.bureau, at=clock.at)
        story.act("settle", order)
        story.act("verify_no", order)
        Case.objects.update(status="tracking")
        page = cast.client(cast.bureau)
        url = f"/approvals/recusals/{row.pk}/move/"
        assert page.post(url, {"to": cast.units.station.code}).status_code == 422
        assert page.post(url, {"to": cast.units.other_station.code}).status_code == 302
        assert Case.objects.get().station == cast.units.other_station
        assert f'id="move-{row.pk}"' not in page.get("/approvals/aside/").content.decode()

    def test_the_bureau_is_alarmed_of_the_move(self, story, cast, clock):
        complained(story.accepted().case, cast, clock)
        assert told("recusal").count((cast.bureau.post.pk, None, "")) == 2

    def test_nothing_waits_where_the_case_moved_at_once(self, story, cast, clock):
        row = complained(story.tracked(), cast, clock, to=cast.units.other_station)
        assert not selectors.aside.waiting_moves(cast.units.bureau.pk).exists()
        with pytest.raises(Conflict):
            services.move_complained(row, to=cast.units.station, actor=cast.bureau, at=clock.at)

    def test_the_station_reads_nothing_of_it(self, story, cast, clock):
        case = story.tracked()
        row = declared(case, cast, clock, user=cast.officer.user, why="complained_of")
        for actor in (cast.station_chief, cast.station_command):
            listed = cast.client(actor).get("/approvals/aside/").content.decode()
            form = cast.client(actor).get(f"/cases/{case.case_no}/recusal/").content.decode()
            assert row.text not in listed and row.place not in listed
            assert f"{cast.officer.user.full_name}：" not in form
            with pytest.raises(OutOfScope):
                selectors.aside.get_recusal(actor, row.pk)
        assert "被投诉" not in str(CaseEvent.objects.get(kind="recusal.declared").data)
        assert row.text in cast.client(cast.bureau).get("/approvals/aside/").content.decode()


class TestPage:
    def test_what_was_typed_stays_in_its_row(self, story, cast, clock):
        case = story.tracked()
        dispute = services.raise_jurisdiction(
            case, proposed=None, text="事发地在古山", actor=cast.station_command, at=clock.at
        )
        said = {"to": cast.units.other_station.code, "text": ""}
        answer = cast.client(cast.bureau).post(f"/approvals/jurisdiction/{dispute.pk}/", said)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'<option value="{cast.units.other_station.code}" selected' in page
        said = {"to": "", "text": "以事发地为准"}
        page = cast.client(cast.bureau).post(f"/approvals/jurisdiction/{dispute.pk}/", said).content.decode()
        assert 'value="以事发地为准"' in page and "请选择本局下属的派出所。" in page

    def test_a_row_decided_meanwhile_is_told_at_the_head(self, story, cast, clock):
        row = declared(story.tracked(), cast, clock)
        decided(row, cast, clock)
        answer = cast.client(cast.bureau).post(f"/approvals/recusals/{row.pk}/approve/", {})
        assert answer.status_code == 409
        assert "该回避已审批" in answer.content.decode()

    def test_no_move_to_the_station_itself(self, story, cast, clock):
        with pytest.raises(Invalid):
            complained(story.tracked(), cast, clock, to=cast.units.station)
