"""三推办理: pre-filled from the case, refused at its field with the text kept, previewed as sent."""

import pytest

from routing import selectors
from routing.models import WorkOrder
from tests.routing.orders import REPORT

SECTIONS = {name: getattr(REPORT, name) for name in ("facts", "causes", "risk", "work_done", "suggestions")}
FORM = {**SECTIONS, "attachments": "警情记录", "grade": "urgent", "difficulty": "general"}
BODY = {"grade": "urgent", "difficulty": "general", "report": SECTIONS, "lead_unit": "330784-RS"}


class TestThirdPush:
    def test_api(self, story, cast):
        case = story.tracked()
        answer = cast.api(cast.station_command).post(
            f"/api/v1/cases/{case.case_no}/third-push/", BODY, format="json"
        )
        assert answer.status_code == 201
        told = answer.json()
        assert (told["status"], told["case_no"], told["addressee"]) == (
            "proposed", case.case_no, "330784-XZ-ZZ",
        )  # fmt: skip
        assert told["approve_due_at"] == "2026-03-04T13:00:00+00:00"

    def test_page_knows_the_case(self, story, cast):
        case = story.tracked()
        text = cast.client(cast.station_command).get(f"/cases/{case.case_no}/third-push/").content.decode()
        parts = ("2小时内审批，2小时内签收", "推送内容预览", "提请前核对", "楼道堆放", "清单牵头部门")
        for part in parts:
            assert part in text

    def test_sent_for_approval(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        response = browser.post(f"/cases/{case.case_no}/third-push/", {**FORM, "row_version": case.version})
        order = WorkOrder.objects.get()
        assert response.url == f"/orders/{order.no}/"
        assert (order.grade, order.status) == ("urgent", "proposed")

    def test_what_is_missing_stands_at_its_field_with_the_text_kept(self, story, cast):
        case = story.tracked()
        response = cast.client(cast.station_command).post(
            f"/cases/{case.case_no}/third-push/", {**FORM, "risk": "", "causes": "积怨已久的原因"}
        )
        assert response.status_code == 422
        text = response.content.decode()
        assert "积怨已久的原因" in text
        assert not WorkOrder.objects.exists()

    def test_an_older_form_is_told_and_keeps_the_text(self, story, cast):
        case = story.tracked()
        response = cast.client(cast.station_command).post(
            f"/cases/{case.case_no}/third-push/", {**FORM, "causes": "写了很久", "row_version": 1}
        )
        assert response.status_code == 409
        assert "写了很久" in response.content.decode()

    def test_preview_is_what_the_centre_gets_and_stores_nothing(self, story, cast):
        case = story.tracked()
        response = cast.client(cast.station_command).post(
            f"/cases/{case.case_no}/third-push/preview/", {**FORM, "suggestions": "请对方乙清理，13800000002"}
        )
        text = response.content.decode()
        assert "请对**清理，138****0002" in text
        assert "报**" in text
        assert not WorkOrder.objects.exists()

    @pytest.mark.parametrize(("item", "lead"), [
        ("N0204", "象珠镇综治中心"), ("N0601", "永康市人力资源和社会保障局"), ("X0000", None),
    ])  # fmt: skip
    def test_the_lead_is_suggested_from_the_list_of_matters(self, story, item, lead):
        case = story.tracked()
        case.item_code = item
        found = selectors.lead_proposal(case, selectors.assignable_units(case))
        assert (found.unit.name if found.unit else None) == lead

    @pytest.mark.parametrize(("grade", "means"), [
        ("extra_urgent", "2小时内审批，2小时内签收，最迟 03-11 24:00 前反馈结果"),
        ("urgent", "12小时内审批，1个工作日内签收，最迟 03-19 24:00 前反馈结果"),
        ("normal", "1个工作日内审批，2个工作日内签收，最迟 04-03 24:00 前反馈结果"),
    ])  # fmt: skip
    def test_a_grade_says_what_it_leads_to(self, clock, grade, means):
        assert {one.code: one.means for one in selectors.grade_choices(clock.at)}[grade] == means
