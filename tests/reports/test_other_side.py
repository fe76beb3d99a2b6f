"""What those outside the police side are told of a case."""

from dispute_hub.cases import grants
from routing import services as routing
from tests.reports.conftest import page


class TestOtherSide:
    """The centre gets the order's packet, a mediator his own part; neither colour nor factors."""

    def send(self, case, cast, clock):
        report = routing.ReportText("事实", "原因", "风险", "已做工作", "建议")
        draft = routing.ThirdPushDraft(grade="urgent", difficulty="general", report=report)
        order = routing.propose_third_push(case, draft, actor=cast.station_command, at=clock.at)
        assert cast.api(cast.centre).get(f"/api/v1/cases/{case.case_no}/").status_code == 404
        routing.approve_order(order, actor=cast.station_chief, at=clock.at)
        return order

    def test_the_centre_gets_the_packet_once_it_is_sent(self, case, cast, clock) -> None:
        order = self.send(case, cast, clock)
        answer = cast.api(cast.centre).get(f"/api/v1/cases/{case.case_no}/")
        assert answer.status_code == 200
        packet = answer.json()
        assert packet["no"] == order.no
        assert not {"colour", "factors", "level", "assessments", "clocks"} & set(packet)
        assert "对方乙" not in answer.content.decode()
        page_ = cast.client(cast.centre).get(f"/cases/{case.case_no}/")
        assert (page_.status_code, page_["Location"]) == (302, f"/orders/{order.no}/")
        assert cast.api(cast.other_centre).get(f"/api/v1/cases/{case.case_no}/").status_code == 404
        assert cast.api(cast.centre).get(f"/api/v1/cases/{case.case_no}/timeline/").status_code == 404

    def test_its_list_has_no_colours(self, case, cast, clock) -> None:
        self.send(case, cast, clock)
        row = cast.api(cast.centre).get("/api/v1/cases/").json()["results"][0]
        assert row["case_no"] == case.case_no
        assert not {"colour", "colour_sentence", "level"} & set(row)
        html = page(cast, cast.centre, "/cases/").content.decode()
        assert "data-colour" not in html

    def test_the_police_side_sees_the_order_in_the_file(self, case, cast, clock) -> None:
        order = self.send(case, cast, clock)
        html = page(cast, cast.station_chief, f"/cases/{case.case_no}/").content.decode()
        assert f"发出交办单{order.no}" in html
        assert "撤回交办单" in html

    def test_a_mediator_reads_his_part_only(self, case, cast, clock) -> None:
        grants.give(case, "session", at=clock.at, post_id=cast.mediator.post.pk)
        html = page(cast, cast.mediator, f"/cases/{case.case_no}/").content.decode()
        assert "对方乙" in html
        for words in ("扬言伤人", "菜刀", "接报警情", "研判记录", "data-colour"):
            assert words not in html.split('id="hub-main"')[1].split("hub-toasts")[0].replace(case.title, "")
        kinds = cast.api(cast.mediator).get(f"/api/v1/cases/{case.case_no}/timeline/").json()["results"]
        assert kinds == []
