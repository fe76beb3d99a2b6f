"""盯办: every diverted order has somebody at the bureau; told when it stalls; changed by hand, traced."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispute_hub.accounts.models import DutyRoster, Role
from dispute_hub.cases import deadlines
from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from routing import services
from routing.models import OrderWatch
from tests.routing.test_order_services import notices


@pytest.fixture
def diverted(story, cast, clock):
    """Divert one more calm case: `diverted()`."""
    numbers = iter(range(1, 100))

    def act():
        number = next(numbers)
        case = story.tracked(address=f"象珠镇象珠{number}村{number}号", reporter=None, parties=())
        told = services.Diversion(target=cast.units.centre, reason="民事纠纷")
        return services.divert(case, told, actor=cast.station_command, at=clock.at)

    return act


class TestAssigning:
    def test_every_diverted_order_has_one_third_pushes_none(self, diverted, story, cast):
        order = diverted()
        assert order.watch.post == cast.bureau.post
        assert [row["post_id"] for row in notices("order.watched")] == [cast.bureau.post.pk]
        story.sent()
        assert OrderWatch.objects.count() == 1

    def test_the_least_loaded(self, diverted, cast):
        second = cast.add("second_bureau", Role.BUREAU, cast.units.bureau)
        watchers = [diverted().watch.post for _ in range(4)]
        assert watchers == [cast.bureau.post, second.post] * 2

    def test_who_is_on_duty_goes_before_who_is_not(self, diverted, cast, clock):
        second = cast.add("second_bureau", Role.BUREAU, cast.units.bureau)
        cast.roster(second, DutyRoster.Duty.DESK, clock.at, clock.at + timedelta(hours=12))
        assert [diverted().watch.post for _ in range(2)] == [second.post] * 2

    def test_nobody_on_post_is_told_to_the_bureau(self, diverted, cast, clock):
        cast.bureau.post.ends_at = clock.at
        cast.bureau.post.save()
        assert diverted().watch.post is None
        assert [row["role"] for row in notices("order.watched")] == ["bureau"]


class TestStalling:
    def test_told_when_nothing_moves(self, diverted, cast, clock):
        order = diverted()
        services.accept_order(order, actor=cast.centre, at=clock.at)
        clock.advance(days=7)
        deadlines.sweep(at=clock.at)
        told = [row for row in notices("deadline.breached") if "盯办" in row["title"]]
        assert cast.bureau.post.pk in {row["post_id"] for row in told}
        text = cast.client(cast.bureau).get("/watches/").content.decode()
        assert "停滞" in text

    def test_a_sign_of_life_starts_it_again(self, diverted, cast, clock):
        order = diverted()
        first = Deadline.objects.get(kind="order.watch", state="open")
        clock.advance(minutes=20)
        services.accept_order(order, actor=cast.centre, at=clock.at)
        again = Deadline.objects.get(kind="order.watch", state="open")
        assert (first.pk != again.pk, again.starts_at) == (True, clock.at)

    def test_it_ends_with_the_order(self, diverted, cast, clock):
        diverted()
        clock.advance(minutes=30)
        services.return_unaccepted(at=clock.at)
        assert OrderWatch.objects.get().ended_at == clock.at
        assert not Deadline.objects.filter(kind="order.watch", state="open").exists()


class TestActs:
    def test_urged_at_most_once_an_hour(self, diverted, cast, clock):
        order = diverted()
        with pytest.raises(Invalid):
            services.urge_order(order, text=" ", actor=cast.bureau, at=clock.at)
        services.urge_order(order, text="请签收", actor=cast.bureau, at=clock.at)
        assert [(row["role"], row["title"]) for row in notices("order.urged")] == [
            ("centre", f"催办：{order.no}")
        ]
        assert "请签收" in cast.client(cast.centre).get(f"/orders/{order.no}/").content.decode()
        with pytest.raises(Conflict):
            services.urge_order(order, text="请签收", actor=cast.bureau, at=clock.at)
        clock.advance(hours=1)
        services.urge_order(order, text="请签收", actor=cast.bureau, at=clock.at)

    def test_changed_by_hand_with_reason(self, diverted, cast, clock):
        order, second = diverted(), cast.add("second_bureau", Role.BUREAU, cast.units.bureau)
        for to, field in ((cast.centre.post, "to"), (None, "to"), (cast.bureau.post, "to")):
            with pytest.raises(Invalid) as refusal:
                services.change_watcher(order, to=to, text="休假", actor=cast.bureau, at=clock.at)
            assert field in refusal.value.fields
        services.change_watcher(order, to=second.post, text="休假", actor=cast.bureau, at=clock.at)
        assert OrderWatch.objects.get().post == second.post
        assert Deadline.objects.get(kind="order.watch").holder_post == second.post
        assert CaseEvent.objects.get(kind="order.watcher_changed").data["text"] == "休假"

    @pytest.mark.parametrize("who", ["station_command", "centre", "leader"])
    def test_the_bureaus_alone(self, diverted, cast, clock, who):
        with pytest.raises(NoRight):
            services.urge_order(diverted(), text="x", actor=getattr(cast, who), at=clock.at)

    def test_another_bureau_does_not_find_it(self, diverted, cast, clock):
        other = cast.add("other_bureau", Role.BUREAU, cast.units.city)
        with pytest.raises(OutOfScope):
            services.urge_order(diverted(), text="x", actor=other, at=clock.at)


class TestLedger:
    def test_mine_or_all_and_acts_from_the_row(self, diverted, cast):
        second = cast.add("second_bureau", Role.BUREAU, cast.units.bureau)
        mine, theirs = diverted(), diverted()
        browser = cast.client(cast.bureau)
        text = browser.get("/watches/").content.decode()
        assert mine.no in text
        assert theirs.no not in text
        assert theirs.no in browser.get("/watches/?whose=all").content.decode()
        assert browser.post(f"/watches/{mine.no}/urge/", {"text": "请签收"}).status_code == 302
        assert browser.post(f"/watches/{mine.no}/urge/", {"text": "请签收"}).status_code == 409
        body = {"to": second.post.pk, "text": "休假"}
        assert browser.post(f"/watches/{mine.no}/watcher/", body).status_code == 302

    def test_a_refused_reminder_keeps_its_words_in_the_row(self, diverted, cast):
        order, browser = diverted(), cast.client(cast.bureau)
        browser.post(f"/watches/{order.no}/urge/", {"text": "请签收"})
        text = browser.post(f"/watches/{order.no}/urge/", {"text": "请今天联系双方"}).content.decode()
        assert 'value="请今天联系双方"' in text
        assert text.count("已填内容仍保留") == 1

    def test_overdue_first(self, diverted, cast, clock):
        late = diverted()
        clock.advance(minutes=10)
        fresh = diverted()
        text = cast.client(cast.bureau).get("/watches/").content.decode()
        assert text.index(late.no) < text.index(fresh.no)

    def test_queries_are_the_same_for_one_and_many(self, diverted, cast):
        browser = cast.client(cast.bureau)

        def counted():
            with CaptureQueriesContext(connection) as queries:
                browser.get("/watches/")
            return len(queries)

        diverted()
        counted()
        few = counted()
        for _ in range(3):
            diverted()
        assert counted() == few <= 12
