"""联动化解: tasks of units and grid workers, both sides contacted, everybody done or excused, verified."""

from datetime import date

import pytest

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import CaseEvent, Deadline, Party
from dispute_hub.common.errors import Conflict, Invalid, OutOfScope
from routing import selectors, services
from routing.models import OrderContact, OrderUnit, WorkOrder
from tests.routing.test_order_services import clock_of, notices


def task_of(order, unit):
    return OrderUnit.objects.get(order=order, unit=unit)


def turn(order, actor, clock):
    order = selectors.get_order(actor, order.no, at=clock.at)
    return selectors.page_of(order, actor, at=clock.at).turn


@pytest.fixture
def split(story):
    return story.act("assign", story.accepted())


class TestTasks:
    def test_each_unit_has_its_task_its_day_and_its_clock(self, split, cast):
        for unit in (cast.units.department, cast.units.grid):
            task = task_of(split, unit)
            running = Deadline.objects.get(subject_kind="orderunit", subject_id=task.pk, state="open")
            assert (running.kind, running.holder_unit) == ("order.task", unit)
            assert task.task
            assert running.due_at == clock_of(split, "order.result").due_at

    def test_a_day_of_its_own_ends_at_its_midnight(self, story, cast, clock):
        tasks = [services.TaskDraft(cast.units.grid, "lead", "上门", date(2026, 3, 6))]
        order = services.assign_order(story.accepted(), tasks=tasks, actor=cast.centre, at=clock.at)
        running = Deadline.objects.get(subject_kind="orderunit", state="open")
        assert running.due_at.isoformat() == "2026-03-06T16:00:00+00:00"
        assert task_of(order, cast.units.grid).due_on == date(2026, 3, 6)

    @pytest.mark.parametrize("due_on", [date(2026, 3, 3), date(2026, 5, 1)])
    def test_never_over_already_nor_beyond_the_order(self, story, cast, clock, due_on):
        tasks = [services.TaskDraft(cast.units.grid, "lead", "上门", due_on)]
        with pytest.raises(Invalid) as refusal:
            services.assign_order(story.accepted(), tasks=tasks, actor=cast.centre, at=clock.at)
        assert "due_on" in refusal.value.fields

    def test_nine_units_are_the_countys_matter(self, story, cast, clock):
        order = story.accepted()
        units = [
            Unit.objects.create(
                code=f"330784-B{n}", name=f"第{n}局", line="department", kind="department",
                bureau=cast.units.bureau,
            )
            for n in range(9)
        ]  # fmt: skip
        tasks = [story.split()[0], *(services.TaskDraft(unit) for unit in units)]
        with pytest.raises(Invalid, match="最多8个"):
            services.assign_order(order, tasks=tasks, actor=cast.centre, at=clock.at)
        services.assign_order(order, tasks=tasks[:-1], actor=cast.centre, at=clock.at)

    def test_the_worklist_leads_to_the_order(self, split, cast, clock):
        from reports.selectors import worklist

        urls = {row.kind: row.url for row in worklist(cast.department, at=clock.at).rows}
        assert urls["order.task"] == f"/orders/{split.no}/"

    def test_one_lead_and_each_unit_once(self, story, cast, clock):
        order, unit = story.accepted(), cast.units.grid
        for tasks in (
            [services.TaskDraft(unit)],
            [services.TaskDraft(unit, "lead"), services.TaskDraft(unit)],
            [services.TaskDraft(unit, "lead"), services.TaskDraft(cast.units.department, "lead")],
        ):
            with pytest.raises(Invalid) as refusal:
                services.assign_order(order, tasks=tasks, actor=cast.centre, at=clock.at)
            assert "lead_unit" in refusal.value.fields

    def test_who_stays_keeps_what_it_did_a_new_demand_opens_it_again(self, split, cast, clock, story):
        task = task_of(split, cast.units.grid)
        services.complete_task(split, task_id=task.pk, text="已清理", actor=cast.grid_worker, at=clock.at)
        services.assign_order(split, tasks=story.split(), actor=cast.centre, at=clock.at)
        task.refresh_from_db()
        assert task.done_at == clock.at
        again = [story.split()[0], services.TaskDraft(cast.units.grid, task="再去一次")]
        services.assign_order(split, tasks=again, actor=cast.centre, at=clock.at)
        task.refresh_from_db()
        assert (task.is_open, task.done_text) == (True, "")

    def test_a_unit_added_later_leaves_done_work_done(self, split, cast, clock):
        grid, department = task_of(split, cast.units.grid), task_of(split, cast.units.department)
        OrderUnit.objects.filter(pk=grid.pk).update(due_on=date(2026, 3, 3))
        services.complete_task(split, task_id=grid.pk, text="已清理", actor=cast.grid_worker, at=clock.at)
        running = Deadline.objects.get(subject_kind="orderunit", subject_id=department.pk, state="open")
        for due_on in (date(2026, 3, 3), date(2026, 3, 5), None):
            tasks = [
                services.TaskDraft(cast.units.department, "lead"),
                services.TaskDraft(cast.units.grid, due_on=due_on),
                services.TaskDraft(cast.units.mediation_org, task="主持调解"),
            ]
            services.assign_order(split, tasks=tasks, actor=cast.centre, at=clock.at)
            grid.refresh_from_db()
            assert (grid.done_at, grid.done_text, grid.task) == (clock.at, "已清理", "上门核实堆物情况")
        running.refresh_from_db()
        assert running.state == "open"
        assert task_of(split, cast.units.mediation_org).is_open

    def test_a_day_that_is_over_is_refused_at_its_row(self, split, cast):
        told = {
            "lead_unit": "330784-RS", "unit_1": "330784-XZ-C1-W1", "task_1": "上门核实堆物情况",
            "unit_3": "330784-XZ-TW", "task_3": "主持调解", "due_3": "2026-03-03",
        }  # fmt: skip
        answer = cast.client(cast.centre).post(f"/orders/{split.no}/assign/", told)
        assert answer.status_code == 422
        assert list(answer.context["opened"] and answer.context["acts"]["assign"].errors) == ["due_3"]

    def test_a_unit_reports_its_own_part_only(self, split, cast, clock):
        task = task_of(split, cast.units.grid)
        with pytest.raises(OutOfScope):
            services.complete_task(split, task_id=task.pk, text="x", actor=cast.department, at=clock.at)
        services.complete_task(split, task_id=task.pk, text="已清理", actor=cast.grid_worker, at=clock.at)
        with pytest.raises(Conflict):
            services.complete_task(split, task_id=task.pk, text="再报", actor=cast.grid_worker, at=clock.at)
        assert Deadline.objects.get(subject_kind="orderunit", subject_id=task.pk).state == "met"
        assert [row["role"] for row in notices("order.task_done")] == ["centre"]

    def test_nobody_settles_before_all_are_done_or_excused(self, split, story, cast, clock):
        with pytest.raises(Conflict) as refusal:
            story.act("settle", split)
        assert refusal.value.code == "tasks_open"
        department, grid = task_of(split, cast.units.department), task_of(split, cast.units.grid)
        services.complete_task(split, task_id=grid.pk, text="已清理", actor=cast.grid_worker, at=clock.at)
        with pytest.raises(Invalid):
            services.excuse_task(split, task_id=department.pk, text=" ", actor=cast.centre, at=clock.at)
        services.excuse_task(split, task_id=department.pk, text="无欠薪", actor=cast.centre, at=clock.at)
        assert story.act("settle", split).status == "to_verify"
        assert not Deadline.objects.filter(subject_kind="orderunit", state="open").exists()

    def test_a_return_ends_the_tasks(self, split, story):
        story.act("return", split)
        assert not Deadline.objects.filter(subject_kind="orderunit", state="open").exists()


class TestWhatAUnitSees:
    def test_its_own_task_and_nothing_of_the_others(self, split, cast, clock):
        task = task_of(split, cast.units.department)
        services.complete_task(
            split, task_id=task.pk, text="部门机密进展", actor=cast.department, at=clock.at
        )
        services.feed_back_order(split, text="综治中心协调情况", actor=cast.centre, at=clock.at)
        text = cast.client(cast.grid_worker).get(f"/orders/{split.no}/").content.decode()
        assert "上门核实堆物情况" in text
        for hidden in ("部门机密进展", "综治中心协调情况", "核实欠薪", "人力资源", "tel:"):
            assert hidden not in text
        whole = cast.client(cast.centre).get(f"/orders/{split.no}/").content.decode()
        assert "部门机密进展" in whole
        assert "上门核实堆物情况" in whole

    def test_the_grid_worker_reports_from_the_page(self, split, cast):
        browser = cast.client(cast.grid_worker)
        assert browser.post(f"/orders/{split.no}/complete/", {"text": "已清理"}).status_code == 302
        assert task_of(split, cast.units.grid).done_text == "已清理"
        assert "本单位任务已办结" in browser.get(f"/orders/{split.no}/").content.decode()

    def test_its_card_shows_its_own_clock(self, split, cast, clock):
        task = task_of(split, cast.units.grid)
        [card] = [card for lane in selectors.lanes(cast.grid_worker, at=clock.at) for card in lane.cards]
        assert card.clock.subject_kind == "orderunit"
        services.complete_task(split, task_id=task.pk, text="好了", actor=cast.grid_worker, at=clock.at)
        [card] = [card for lane in selectors.lanes(cast.grid_worker, at=clock.at) for card in lane.cards]
        assert card.clock is None


class TestContacts:
    def test_both_sides_stop_the_clock_one_does_not(self, story, cast, clock):
        order = story.accepted()
        assert clock_of(order, "order.contact")
        for side in (1, 2):
            assert clock_of(order, "order.contact")
            services.record_order_contact(
                order, side=side, mode="phone", said="愿意调解", actor=cast.centre, at=clock.at
            )
        assert clock_of(order, "order.contact", "met")
        assert CaseEvent.objects.filter(kind="order.contacted").count() == 2

    @pytest.mark.parametrize(("given", "field"), [
        ({"side": 3}, "side"), ({"side": 0}, "side"), ({"mode": "letter"}, "mode_1"),
        ({"said": " "}, "said_1"),
    ])  # fmt: skip
    def test_refused_at_the_field(self, story, cast, clock, given, field):
        told = {"side": 1, "mode": "phone", "said": "愿意", **given}
        with pytest.raises(Invalid) as refusal:
            services.record_order_contact(story.accepted(), **told, actor=cast.centre, at=clock.at)
        assert field in refusal.value.fields

    def test_not_before_the_signature(self, story, cast, clock):
        with pytest.raises(Conflict):
            services.record_order_contact(
                story.sent(), side=1, mode="phone", said="愿意", actor=cast.centre, at=clock.at
            )


class TestVerifying:
    def test_both_sides_must_have_been_reached(self, story, cast, clock):
        order = story.to_verify()
        one = story.both_said(order)[:1]
        with pytest.raises(Invalid) as refusal:
            services.verify_order(
                order, accepted=True, text="属实", contacts=one, actor=cast.community_officer, at=clock.at
            )
        assert list(refusal.value.fields) == ["said_2"]
        assert story.act("verify_yes", order).status == "done"
        said = OrderContact.objects.filter(order=order, purpose="verify")
        assert {contact.said for contact in said} == {"双方已和好"}

    def test_a_neighbour_who_called_and_a_stranger_are_no_sides_of_two_known_parties(
        self, story, cast, clock
    ):
        order = story.to_verify()
        assert len(story.both_said(order)) == 2, "with one party the caller is the other side"
        Party.objects.create(case=order.case, name="第三人丙", added_at=clock.at)
        Party.objects.create(case=order.case, known_as="穿红衣的男子", added_at=clock.at)
        assert [party.name for party in selectors.sides_of(order.case_id)] == ["对方乙", "第三人丙"]
        assert story.act("verify_yes", order).status == "done"

    def test_back_to_work_with_reason_and_count(self, story, cast):
        order = story.act("verify_no", story.to_verify())
        order = story.act("verify_no", story.act("settle", order))
        assert order.verify_failed_count == 2
        assert "第2次未通过核查" in notices("order.verified")[-1]["title"]
        text = cast.client(cast.centre).get(f"/orders/{order.no}/").content.decode()
        assert "第2次" in text


class TestTurn:
    def test_the_panel_always_answers(self, story, cast, clock):
        order = story.sent()
        assert turn(order, cast.centre, clock).act == "accept"
        story.act("accept", order)
        assert turn(order, cast.centre, clock).act == "contact"
        for side in (1, 2):
            services.record_order_contact(
                order, side=side, mode="phone", said="愿意", actor=cast.centre, at=clock.at
            )
        assert turn(order, cast.centre, clock).act == "assign"
        story.act("assign", order)
        seen = turn(order, cast.centre, clock)
        assert seen.who == "永康市人力资源和社会保障局、象珠一村第一网格"
        assert seen.clock.kind == "order.task"
        assert turn(order, cast.grid_worker, clock).act == "complete"
        for unit, actor in ((cast.units.grid, cast.grid_worker), (cast.units.department, cast.department)):
            services.complete_task(
                order, task_id=task_of(order, unit).pk, text="好了", actor=actor, at=clock.at
            )
        assert turn(order, cast.centre, clock).act == "settle"
        story.act("settle", order)
        assert turn(order, cast.community_officer, clock).act == "verify"
        assert turn(order, cast.centre, clock).who == "派出所责任民警"

    def test_a_task_overdue_is_told(self, story, cast, clock):
        from dispute_hub.cases import deadlines

        story.act("assign", story.accepted())
        clock.advance(days=40)
        deadlines.sweep(at=clock.at)
        late = Deadline.objects.filter(kind="order.task", fired_at__isnull=False)
        assert late.count() == 2


def test_lists_do_not_read_other_units_orders(story, cast, clock):
    """The union's branches each have an index of their own; an OR would read every order there is."""
    from django.db import connection

    story.act("assign", story.accepted())
    sql, told = selectors.orders_visible_to(cast.grid_worker, at=clock.at).query.sql_with_params()
    assert "UNION" in sql
    with connection.cursor() as cursor:
        cursor.execute(sql, told)
        assert len(cursor.fetchall()) == 1
    assert WorkOrder.objects.count() == 1
