"""The order page offers what is possible now, to whom it is; diversion ends in its notice."""

import pytest

from dispute_hub.cases.models import Case
from routing import services
from routing.models import WorkOrder
from tests.routing.orders import REPORT


class TestOrderPage:
    @pytest.mark.parametrize(("status", "who", "shown", "hidden"), [
        ("sent", "centre", ("签收", "退回后由派出所重新指定"), ("撤回交办单", "报结，送派出所核查")),
        ("sent", "station_command", ("撤回交办单",), ("退回后由",)),
        ("accepted", "centre", ("分类交办", "填报进展", "申请延期", "报结，送派出所核查"), ("撤回交办单",)),
        ("accepted", "county_centre", (), ("分类交办", "填报进展")),
        ("to_verify", "community_officer", ("提交核查结果",), ("签收</button>",)),
        ("to_verify", "station_command", ("提交核查结果",), ()),
        ("done", "centre", ("没有需要办理的事项",), ("填报进展",)),
        ("proposed", "station_chief", ("批准并发出", "不批准"), ()),
        ("proposed", "station_command", ("没有需要办理的事项",), ("批准并发出",)),
    ])  # fmt: skip
    def test_offers_only_what_is_possible_now(self, story, cast, status, who, shown, hidden):
        order = story.at_status(status)
        text = cast.client(getattr(cast, who)).get(f"/orders/{order.no}/").content.decode()
        assert ("签收后请在" in text) is (status in ("proposed", "sent", "accepted"))
        for part in shown:
            assert part in text
        for part in hidden:
            assert part not in text

    @pytest.mark.parametrize(("who", "shown"), [
        ("station_command", True), ("station_chief", True), ("community_officer", True), ("officer", False),
        ("bureau", False),
    ])  # fmt: skip
    def test_the_call_is_offered_to_who_may_record_it(self, story, cast, who, shown):
        order = story.proposed(grade="extra_urgent")
        answer = cast.client(getattr(cast, who)).get(f"/orders/{order.no}/")
        assert (f"/orders/{order.no}/phone/" in answer.content.decode()) is shown

    def test_what_rose_is_the_bureaus_turn(self, story, cast, clock):
        case = story.tracked()
        order = services.propose_third_push(case, story.draft(), actor=cast.station_chief, at=clock.at)
        text = cast.client(cast.station_command).get(f"/orders/{order.no}/").content.decode()
        assert "分局值班领导" in text and "派出所领导\n" not in text

    def test_a_notice_asks_for_nothing(self, story, cast, clock):
        order = story.proposed(story.tracked(procedure="仲裁"))
        services.approve_order(order, actor=cast.station_chief, at=clock.at)
        for path in (f"/orders/{order.no}/", f"/orders/{order.no}/print/"):
            text = cast.client(cast.centre).get(path).content.decode()
            assert "仅供知悉" in text
            assert "退回" not in text and "联系双方" not in text

    def test_the_county_is_not_told_of_returns_that_never_were(self, story, cast):
        order = story.sent()
        WorkOrder.objects.update(addressee=cast.units.county_centre)
        page = cast.client(cast.county_centre).get(f"/orders/{order.no}/redirect/")
        assert page.status_code == 200 and "两次被退回" not in page.content.decode()

    def test_phones_appear_with_the_signature(self, story, cast):
        order, browser = story.sent(), cast.client(cast.centre)
        assert "tel:" not in browser.get(f"/orders/{order.no}/").content.decode()
        browser.post(f"/orders/{order.no}/accept/")
        text = browser.get(f"/orders/{order.no}/").content.decode()
        assert 'href="tel:13800000001"' in text

    def test_the_other_side_sees_no_colour_and_no_report(self, story, cast):
        order = story.accepted()
        text = cast.client(cast.centre).get(f"/orders/{order.no}/").content.decode()
        assert "data-colour" not in text
        assert REPORT.risk not in text
        own = cast.client(cast.station_chief).get(f"/orders/{order.no}/").content.decode()
        assert "data-colour" in own
        assert REPORT.risk in own

    def test_refused_text_is_kept_at_the_act(self, story, cast):
        order = story.accepted()
        response = cast.client(cast.centre).post(f"/orders/{order.no}/return/", {"text": "不归我们管"})
        assert response.status_code == 422
        assert "不归我们管" in response.content.decode()

    def test_an_act_that_came_too_late_says_so(self, story, cast):
        order = story.at_status("recalled")
        response = cast.client(cast.centre).post(f"/orders/{order.no}/accept/")
        assert response.status_code == 409
        assert "已撤回" in response.content.decode()


class TestDiversionDoors:
    def test_page_and_notice(self, story, cast):
        case = story.tracked()
        body = {"target": "330784-XZ-ZZ", "reason": "民事纠纷", "demand": "清理楼道", "delivery": "signed"}
        browser = cast.client(cast.station_command)
        response = browser.post(f"/cases/{case.case_no}/divert/", {**body, "row_version": case.version})
        order = WorkOrder.objects.get()
        assert response.url == f"/orders/{order.no}/notice/"
        text = browser.get(response.url).content.decode()
        for part in ("移交告知单", "民事纠纷", "当面签收", "遇人身危险立即拨打110"):
            assert part in text

    def test_api(self, story, cast):
        case = story.tracked()
        url = f"/api/v1/cases/{case.case_no}/divert/"
        body = {"target": "330784-XZ-ZZ", "reason": "民事纠纷"}
        assert cast.api(cast.other_station_command).post(url, body, format="json").status_code == 404
        assert cast.api(cast.centre).post(url, body, format="json").status_code == 403
        answer = cast.api(cast.station_command).post(url, body, format="json")
        assert answer.status_code == 201
        assert (answer.json()["kind"], answer.json()["case_status"]) == ("diversion", "joint")

    def test_the_110_duty_commander_diverts_what_came_to_his_centre(self, story, cast, call):
        case = Case.objects.get(pk=call().case_id)
        answer = cast.api(cast.duty_commander).post(
            f"/api/v1/cases/{case.case_no}/divert/",
            {"target": "330784-XZ-ZZ", "reason": "民事纠纷"},
            format="json",
        )
        assert answer.status_code == 201
