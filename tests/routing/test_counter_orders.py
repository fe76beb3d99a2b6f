"""反向交办: to the station within 24 h; an emergency is an alert with push 1 in the same second."""

from datetime import timedelta

import pytest

from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from intake.models import Alert
from routing import selectors, services
from routing.models import CounterMatter, Push, WorkOrder
from tests.routing.conftest import KNIFE
from tests.routing.test_order_services import clock_of, notices

CALM_MATTER = "调解中发现一方当事人此前殴打过对方，请派出所核实是否受案处理。"


@pytest.fixture
def send(source, cast, clock):
    """`send(about=order)` or a fresh matter of 象珠."""

    def act(text=CALM_MATTER, *, actor=None, **given):
        fresh = {} if given.get("about") else {"station": cast.units.station, "address": "象珠镇象珠一村12号"}
        draft = services.CounterDraft(text=text, **{**fresh, **given})
        return services.send_counter_order(draft, actor=actor or cast.centre, at=clock.at)

    return act


class TestAboutAnOrder:
    @pytest.fixture
    def order(self, story):
        return story.accepted()

    def test_the_station_signs_within_a_day(self, send, order, cast, clock):
        counter = send(about=order)
        assert (counter.kind, counter.status, counter.case_id) == ("counter", "sent", order.case_id)
        assert counter.addressee == cast.units.station
        assert clock_of(counter, "counter.accept").due_at == clock.at + timedelta(hours=24)
        assert [row["role"] for row in notices("counter.order")] == ["station_command"]

    def test_accepted_answered_and_the_centre_hears(self, send, order, cast, clock):
        counter = send(about=order)
        services.accept_counter_order(counter, actor=cast.station_command, at=clock.at)
        assert clock_of(counter, "counter.accept", "met")
        assert clock_of(counter, "counter.result")
        counter = services.answer_counter_order(
            counter, text="已受案，对方已具结", actor=cast.station_command, at=clock.at
        )
        assert (counter.status, Case.objects.get().status) == ("done", "joint")
        assert not Deadline.objects.filter(kind__startswith="counter.", state="open").exists()
        text = cast.client(cast.centre).get(f"/counter-orders/{counter.no}/").content.decode()
        assert "已受案，对方已具结" in text

    def test_returned_with_a_reason(self, send, order, cast, clock):
        counter = send(about=order)
        with pytest.raises(Invalid) as refusal:
            services.return_counter_order(
                counter, reason_code="police_matter", text="x", actor=cast.station_command, at=clock.at
            )
        assert "reason_code" in refusal.value.fields
        counter = services.return_counter_order(
            counter, reason_code="lacks_facts", text="缺时间地点", actor=cast.station_command, at=clock.at
        )
        assert counter.status == "returned"
        assert notices("counter.order")[-1]["role"] == "centre"

    def test_only_while_the_order_is_in_hand(self, send, story):
        with pytest.raises(Conflict):
            send(about=story.sent())

    def test_as_the_order_stands_now_not_as_the_page_read_it(self, send, order, story):
        story.act("settle", order)
        assert order.status == "accepted"
        with pytest.raises(Conflict):
            send(about=order)

    def test_the_order_itself_goes_on(self, send, order, story):
        send(about=order)
        assert story.act("settle", order).status == "to_verify"


class TestEmergency:
    @pytest.mark.parametrize("ticked", [True, False])
    def test_an_alert_at_once_whatever_was_ticked(self, send, story, ticked):
        """Words that triage finds grave do not wait for a tick."""
        order = story.accepted()
        counter = send(KNIFE, about=order, is_emergency=ticked)
        alert = Alert.objects.order_by("-id").first()
        push = Push.objects.get(alert=alert)
        assert (push.tier, push.status) == (1, "issued")
        assert (alert.case_id, alert.dispatch_status) == (order.case_id, "dispatched")
        assert (counter.status, Case.objects.get().colour) == ("accepted", "red")
        matter = CounterMatter.objects.get()
        assert (matter.alert, matter.is_emergency, matter.raised_by_rule) == (alert, True, not ticked)
        assert not Deadline.objects.filter(kind="counter.accept").exists()

    def test_what_was_dispatched_is_not_returned(self, send, cast, clock):
        counter = send(KNIFE, is_emergency=True)
        text = cast.client(cast.station_command).get(f"/counter-orders/{counter.no}/").content.decode()
        assert "退回综治中心" not in text
        with pytest.raises(Conflict):
            services.return_counter_order(
                counter, reason_code="not_ours", text="x", actor=cast.station_command, at=clock.at
            )

    def test_a_fresh_one_opens_a_case_at_the_scene(self, send):
        counter = send(KNIFE, is_emergency=True)
        assert counter.case.status == "scene"
        assert counter.case.source == "department"

    def test_the_centre_sees_that_somebody_went_and_nothing_else(self, send, cast, clock):
        counter = send(KNIFE, is_emergency=True)
        page = cast.client(cast.centre)

        def seen():
            return page.get(f"/counter-orders/{counter.no}/").content.decode()

        assert "已派警" in seen()
        push = Push.objects.get(tier=1)
        services.sign_push(push, actor=cast.officer, at=clock.at)
        assert "已签收" in seen()
        push.refresh_from_db()
        services.feed_back(
            push, outcome="unsettled", text="嫌疑人王某已控制", actor=cast.officer, at=clock.at
        )
        text = seen()
        assert "公安机关已到场处置" in text
        for hidden in ("王某", "处警一", "红", counter.case.case_no):
            assert hidden not in text.partition("<main")[2]
        counter.refresh_from_db()
        assert counter.status == "done"
        assert CaseEvent.objects.filter(kind="counter.done").count() == 1


class TestElsewhere:
    def test_a_counter_order_moves_no_case_on(self, send, cast, clock, call):
        """The board's 清零 counts what the other side took, not what came from there."""
        from reports.span_rows import moved_on

        counter = send()
        services.accept_counter_order(counter, actor=cast.station_command, at=clock.at)
        clock.advance(minutes=1)
        assert not Case.objects.filter(moved_on(clock.at)).exists()

    def test_its_number_leads_to_its_own_page(self, send, cast):
        counter = send()
        answer = cast.client(cast.station_chief).get(f"/orders/{counter.no}/")
        assert answer.url == f"/counter-orders/{counter.no}/"
        assert cast.client(cast.other_station_chief).get(f"/orders/{counter.no}/").status_code == 404


class TestFresh:
    def test_a_case_that_goes_to_another_station_takes_it_along(self, send, cast, clock):
        counter = send()
        dispute = services.raise_jurisdiction(
            counter.case, proposed=cast.units.other_station, text="事发地在古山", actor=cast.station_command,
            at=clock.at,
        )  # fmt: skip
        services.decide_jurisdiction(
            dispute, to=cast.units.other_station, text="以事发地为准", actor=cast.bureau, at=clock.at
        )
        told = [(row["unit_id"], row["title"]) for row in notices("counter.order")][-2:]
        assert [unit for unit, _ in told] == [cast.units.other_station.pk, cast.centre.post.unit_id]
        assert all("移交" in title for _, title in told)
        counter.refresh_from_db()
        counter = services.accept_counter_order(counter, actor=cast.other_station_command, at=clock.at)
        assert clock_of(counter, "counter.result").holder_unit == cast.units.other_station

    def test_waits_in_the_pool_and_is_tracked_once_taken(self, send, cast, clock):
        counter = send()
        assert (counter.case.status, Push.objects.count()) == ("pool", 0)
        services.accept_counter_order(counter, actor=cast.station_command, at=clock.at)
        assert Case.objects.get().status == "tracking"
        assert Push.objects.get().tier == 2

    @pytest.mark.parametrize(("given", "field"), [
        ({"station": None}, "station"), ({"address": "村"}, "address"), ({"text": " "}, "text"),
    ])  # fmt: skip
    def test_refused_at_the_field(self, send, given, field):
        with pytest.raises(Invalid) as refusal:
            send(**given)
        assert field in refusal.value.fields


class TestWhoMay:
    @pytest.mark.parametrize("who", ["department", "grid_worker", "station_command", "bureau"])
    def test_only_centres_send(self, send, cast, who):
        with pytest.raises(NoRight):
            send(actor=getattr(cast, who))

    def test_only_the_station_it_was_sent_to_answers(self, send, cast, clock):
        counter = send()
        with pytest.raises(NoRight):
            services.accept_counter_order(counter, actor=cast.centre, at=clock.at)
        with pytest.raises(OutOfScope):
            services.accept_counter_order(counter, actor=cast.other_station_command, at=clock.at)

    def test_an_order_of_another_centre_is_no_ground(self, send, story, cast):
        with pytest.raises(OutOfScope):
            send(about=story.accepted(), actor=cast.other_centre)

    def test_it_is_no_order_of_the_station_to_recall(self, send, cast):
        counter = send()
        assert (
            cast.client(cast.station_command).post(f"/orders/{counter.no}/recall/", {"text": "x"}).status_code
            == 404
        )
        assert counter.no not in cast.client(cast.station_command).get("/orders/").content.decode()


class TestPages:
    def test_sent_from_the_order_signed_and_answered(self, source, story, cast):
        order = story.accepted()
        centre, station = cast.client(cast.centre), cast.client(cast.station_command)
        assert f"?about={order.no}" in centre.get(f"/orders/{order.no}/").content.decode()
        url = f"/counter-orders/new/?about={order.no}"
        assert centre.get(url).status_code == 200
        answer = centre.post(url, {"text": CALM_MATTER})
        counter = WorkOrder.objects.get(kind="counter")
        assert answer.url == f"/counter-orders/{counter.no}/"
        assert counter.no in centre.get(f"/orders/{order.no}/").content.decode()
        assert counter.no in station.get("/counter-orders/").content.decode()
        assert station.post(f"/counter-orders/{counter.no}/accept/").status_code == 302
        assert station.post(f"/counter-orders/{counter.no}/answer/", {"text": ""}).status_code == 422
        assert station.post(f"/counter-orders/{counter.no}/answer/", {"text": "已处理"}).status_code == 302

    def test_queries_are_the_same_for_one_and_many(self, send, cast, clock):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        browser = cast.client(cast.centre)

        def counted():
            with CaptureQueriesContext(connection) as queries:
                browser.get("/counter-orders/")
            return len(queries)

        send()
        counted()
        few = counted()
        for number in range(3):
            send(address=f"象珠镇象珠{number}村1号")
        assert counted() == few <= 8
        assert not selectors.counters.counter_orders(cast.other_centre, at=clock.at).exists()
