"""三推办理: pre-filled from the case, refused at its field with the text kept, previewed as sent."""

import re

import pytest

from routing import selectors
from routing.models import ThirdPushFiling, WorkOrder
from tests.routing.orders import REPORT

SECTIONS = {name: getattr(REPORT, name) for name in ("facts", "causes", "risk", "work_done", "suggestions")}
FORM = {
    **SECTIONS, "attachments": "警情记录", "grade": "urgent", "difficulty": "general", "kind": "third_push",
}  # fmt: skip
BODY = {"grade": "urgent", "difficulty": "general", "report": SECTIONS, "lead_unit": "330784-RS"}


def hash_in(text):
    return re.search(r'name="seen"\s+value="(\w+)"', text)[1]


def confirmed(browser, case, **given):
    """The form as it is sent once its own preview was read and confirmed."""
    told = {**FORM, **given}
    preview = browser.post(f"/cases/{case.case_no}/third-push/preview/", told).content.decode()
    return {**told, "seen": hash_in(preview), "confirmed": "on", "row_version": case.version}


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
        response = browser.post(f"/cases/{case.case_no}/third-push/", confirmed(browser, case))
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
        browser = cast.client(cast.station_command)
        told = {**confirmed(browser, case, causes="写了很久"), "row_version": 1}
        response = browser.post(f"/cases/{case.case_no}/third-push/", told)
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

    def test_the_preview_has_the_hash_of_what_is_stored(self, story, cast):
        """Compatibility ideographs become one writing when they are stored."""
        case, browser = story.tracked(), cast.client(cast.station_command)
        told = confirmed(browser, case, suggestions="请\uf9b5方清理\r\n楼道")
        assert browser.post(f"/cases/{case.case_no}/third-push/", told).status_code == 302

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


class TestWhatWasReadIsWhatIsSent:
    """推送内容预览: read, confirmed, approved and sent are one content, by its hash."""

    def test_the_page_without_a_change_is_what_is_filed(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        page = browser.get(f"/cases/{case.case_no}/third-push/").content.decode()
        form = selectors.brief_of(case, selectors.assignable_units(case), at=story.clock.at).draft
        told = {
            **{name: form[name].replace("\n", "\r\n") for name in SECTIONS},
            "attachments": "", "grade": "normal",
            "difficulty": "general", "kind": "third_push", "seen": hash_in(page), "confirmed": "on",
        }  # fmt: skip
        assert browser.post(f"/cases/{case.case_no}/third-push/", told).status_code == 302
        filing = ThirdPushFiling.objects.get()
        assert (filing.packet_hash, filing.confirmed_by) == (hash_in(page), cast.station_command.post)

    def test_not_confirmed_not_sent(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        for missing in ("confirmed", "seen"):
            told = {name: value for name, value in confirmed(browser, case).items() if name != missing}
            response = browser.post(f"/cases/{case.case_no}/third-push/", told)
            assert response.status_code == 422
            assert "推送内容预览" in response.content.decode()
        assert not WorkOrder.objects.exists()

    def test_what_was_changed_after_reading_is_refused(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        told = {**confirmed(browser, case), "suggestions": "改成别的建议"}
        response = browser.post(f"/cases/{case.case_no}/third-push/", told)
        assert response.status_code == 409
        assert "推送内容与您确认时不一致" in response.content.decode()

    def test_sections_that_stay_inside_may_still_be_polished(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        told = {**confirmed(browser, case), "risk": "重新斟酌后的风险研判"}
        assert browser.post(f"/cases/{case.case_no}/third-push/", told).status_code == 302

    def test_a_party_added_after_the_proposal_stops_the_approval_until_it_was_read(self, story, cast, clock):
        from dispute_hub.cases import services as cases
        from dispute_hub.common.errors import Conflict
        from routing import services

        order = story.proposed()
        cases.add_parties(order.case, (cases.PartyFacts(name="后来人"),), at=clock.at)
        with pytest.raises(Conflict, match="当事人"):
            services.approve_order(order, actor=cast.station_chief, at=clock.at)
        with pytest.raises(Conflict):
            services.approve_order(order, actor=cast.station_chief, at=clock.at, seen="0" * 64)
        now, changed = selectors.changed_since_filed(order, order.case)
        assert changed == ["当事人姓名、称谓、电话"]
        order = services.approve_order(order, actor=cast.station_chief, at=clock.at, seen=now)
        assert "后来人" in order.packet

    def test_what_is_sent_is_what_was_filed(self, story):
        import json

        order = story.sent()
        sent, filed = json.loads(order.packet), json.loads(ThirdPushFiling.objects.get().packet)
        assert {name: value for name, value in sent.items() if name != "no"} == filed

    def test_every_field_of_the_packet_has_its_name_on_the_list(self, story, cast):
        from routing import services

        order = story.proposed()
        packet = services.packet_of(order, order.case, sight="clear")
        assert set(selectors.FIELDS) == set(packet) - {"no"}


class TestPages:
    def test_queries_of_the_page(self, story, cast, django_assert_num_queries):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        browser.get(f"/cases/{case.case_no}/third-push/")
        with django_assert_num_queries(23):
            browser.get(f"/cases/{case.case_no}/third-push/")

    def test_a_call_is_recorded_on_its_page(self, story, cast, clock):
        order = story.proposed(grade="extra_urgent")
        browser = cast.client(cast.station_command)
        assert "电话请示（先推后批）" in browser.get(f"/orders/{order.no}/").content.decode()
        page = browser.get(f"/orders/{order.no}/phone/").content.decode()
        assert "象所长" in page
        told = {
            "leader": cast.station_chief.post.pk, "asked_at": "2026-03-04T09:00", "agreed": "yes",
            "answer": "同意先发。",
        }  # fmt: skip
        assert browser.post(f"/orders/{order.no}/phone/", told).url == f"/orders/{order.no}/"
        order.refresh_from_db()
        assert order.status == "sent"
        chief = cast.client(cast.station_chief)
        assert "同意先发。" in chief.get("/approvals/orders/").content.decode()
        assert chief.post(f"/orders/{order.no}/written/reject/", {"text": ""}).status_code == 422
        assert chief.post(f"/orders/{order.no}/written/approve/", {"text": ""}).url == "/approvals/"
        assert "没有待补的书面审批" in chief.get("/approvals/orders/").content.decode()

    def test_the_bureau_sees_what_rose_to_it(self, story, cast, clock):
        from dispute_hub.cases import deadlines

        order = story.proposed(grade="extra_urgent")
        browser = cast.client(cast.bureau)
        assert order.no not in browser.get("/approvals/orders/").content.decode()
        clock.advance(hours=2)
        deadlines.sweep(at=clock.at)
        page = browser.get("/approvals/orders/").content.decode()
        assert order.no in page
        assert "批准并发出" in page
        assert browser.post(f"/orders/{order.no}/approve/", {"back": "approvals"}).url == "/approvals/"

    def test_after_two_returns_the_page_names_the_county_centre(self, story, cast, clock):
        for _ in range(2):
            story.act("return", story.sent())
        order = WorkOrder.objects.latest("id")
        page = cast.client(cast.station_command).get(f"/cases/{order.case.case_no}/third-push/")
        assert "已被退回2次，由永康市综治中心决定" in page.content.decode()
        assert "属古山镇" in page.content.decode(), "what the others said when they sent it back"
