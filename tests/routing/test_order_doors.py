"""Doors of orders: who × page × API, the acts a page offers, refusals that keep the text, pinned queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from routing import selectors
from routing.models import OrderExtension
from tests.routing.orders import REPORT

# page → {who: status}; everybody else named in EVERY gets 403 or 404 as said here.
PAGES = {
    "/orders/": {
        "centre": 200, "county_centre": 200, "department": 200, "grid_worker": 200, "station_command": 200,
        "station_chief": 200, "community_officer": 200, "officer": 200, "bureau": 200, "other_centre": 200,
        "mediator": 403, "dispatcher": 403, "auditor": 403, "leader": 403,
    },
    "/orders/{no}/": {
        "centre": 200, "county_centre": 200, "station_command": 200, "station_chief": 200,
        "community_officer": 200, "bureau": 200, "other_centre": 404, "other_station_command": 404,
        "other_community_officer": 404, "department": 404, "grid_worker": 404, "mediator": 403,
        "dispatcher": 403, "system_admin": 403,
    },
    "/orders/{no}/print/": {"centre": 200, "station_command": 200, "other_centre": 404, "auditor": 403},
    "/orders/{no}/notice/": {"centre": 404, "station_command": 404, "mediator": 403},
    "/api/v1/work-orders/{no}/": {
        "centre": 200, "station_command": 200, "other_centre": 404, "other_station_chief": 404,
        "mediator": 403,
    },
    "/approvals/orders/": {"station_chief": 200, "station_command": 200, "centre": 403, "officer": 403},
    "/cases/{case_no}/third-push/": {
        "station_command": 200, "station_chief": 200, "community_officer": 200, "officer": 403,
        "centre": 403, "other_station_command": 404, "other_community_officer": 404,
    },
    "/cases/{case_no}/divert/": {
        "station_command": 200, "officer": 200, "community_officer": 200, "duty_commander": 200,
        "centre": 403, "dispatcher": 403, "other_station_command": 404, "other_officer": 404,
    },
}  # fmt: skip


def url_of(path, order):
    return path.format(no=order.no, case_no=order.case.case_no)


class TestWhoSees:
    @pytest.mark.parametrize(
        ("path", "who", "status"),
        [(path, who, status) for path, table in PAGES.items() for who, status in table.items()],
    )
    def test_page(self, story, cast, path, who, status):
        order = story.sent()
        caller = cast.api if path.startswith("/api/") else cast.client
        assert caller(getattr(cast, who)).get(url_of(path, order)).status_code == status

    @pytest.mark.parametrize("path", PAGES)
    def test_anonymous(self, story, cast, path):
        is_api = path.startswith("/api/")
        response = (cast.api if is_api else cast.client)(None).get(url_of(path, story.sent()))
        assert response.status_code == (401 if is_api else 302)

    @pytest.mark.parametrize("status", ["proposed", "rejected"])
    def test_not_sent_is_not_there_for_the_centre(self, story, cast, status):
        order = story.at_status(status)
        assert cast.client(cast.centre).get(f"/orders/{order.no}/").status_code == 404
        assert cast.api(cast.centre).get(f"/api/v1/work-orders/{order.no}/").status_code == 404


# act → (status it starts from, body, who does it, who has no right, who does not find it)
ACTS = {
    "approve": ("proposed", {}, "station_chief", "station_command", "other_station_chief"),
    "reject": ("proposed", {"text": "请补充"}, "station_chief", "community_officer", "other_station_chief"),
    "accept": ("sent", {}, "centre", "station_chief", "other_centre"),
    "return": ("sent", {"reason_code": "wrong_unit", "text": "属古山"}, "centre", "officer", "other_centre"),
    "recall": ("sent", {"text": "双方和解"}, "station_command", "centre", "other_station_command"),
    "assign": ("accepted", {"lead_unit": "330784-RS"}, "centre", "department", "other_centre"),
    "feedback": ("accepted", {"text": "已约双方"}, "centre", "station_command", "other_centre"),
    "extend": ("accepted", {"until": "2026-05-01", "reason": "在外地"}, "centre", "bureau", "other_centre"),
    "settle": ("accepted", {"how": "agreement", "text": "签协议"}, "centre", "officer", "other_centre"),
    "verify": ("to_verify", {"text": "属实"}, "community_officer", "centre", "other_community_officer"),
}  # fmt: skip


def body_of(act, *, is_api):
    _, body, *_ = ACTS[act]
    if act != "verify":
        return body
    if is_api:
        said = [{"side": side, "mode": "phone", "said": "已和好"} for side in (1, 2)]
        return {**body, "accepted": True, "contacts": said}
    return {
        **body, "accepted": "yes", "mode_1": "phone", "said_1": "已和好", "mode_2": "visit", "said_2": "好了",
    }  # fmt: skip


class TestActs:
    @pytest.mark.parametrize("door", ["page", "api"])
    @pytest.mark.parametrize("act", ACTS)
    def test_right_person_wrong_role_other_unit_nobody(self, story, cast, act, door):
        status, _, right, wrong, other = ACTS[act]
        order, is_api = story.at_status(status), door == "api"
        url = f"/api/v1/work-orders/{order.no}/{act}/" if is_api else f"/orders/{order.no}/{act}/"
        body = body_of(act, is_api=is_api)

        def post(who):
            actor = getattr(cast, who) if who else None
            if is_api:
                return cast.api(actor).post(url, body, format="json").status_code
            return cast.client(actor).post(url, body).status_code

        assert post("") == (401 if is_api else 302)
        assert post(wrong) == 403
        assert post(other) == 404
        order.refresh_from_db()
        assert order.status == status, "none of them changed anything"
        assert post(right) == (200 if is_api else 302)

    def test_the_api_answers_with_the_order(self, story, cast):
        order = story.accepted()
        answer = cast.api(cast.centre).post(
            f"/api/v1/work-orders/{order.no}/assign/",
            {"lead_unit": "330784-RS", "assisting_units": ["330784-XZ-C1-W1"]},
            format="json",
        )
        told = answer.json()
        assert (told["status"], told["lead_unit"], told["assisting_units"]) == (
            "accepted", "330784-RS", ["330784-XZ-C1-W1"],
        )  # fmt: skip
        assert told["result_due_at"]

    @pytest.mark.parametrize(("body", "field"), [
        ({}, "lead_unit"), ({"lead_unit": "nowhere"}, "lead_unit"), ({"lead_unit": 5}, "lead_unit"),
    ])  # fmt: skip
    def test_unknown_units_are_refused_by_field(self, story, cast, body, field):
        url = f"/api/v1/work-orders/{story.accepted().no}/assign/"
        answer = cast.api(cast.centre).post(url, body, format="json")
        assert answer.status_code in (400, 422)
        assert field in answer.json()["fields"]

    def test_second_acceptance_is_told_what_stands(self, story, cast):
        order = story.accepted()
        answer = cast.api(cast.centre).post(f"/api/v1/work-orders/{order.no}/accept/", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")

    def test_an_extension_to_a_day_ends_at_its_midnight(self, story, cast):
        order = story.accepted()
        url = f"/api/v1/work-orders/{order.no}/extend/"
        body = {"until": "2026-05-01", "reason": "当事人在外地"}
        assert cast.api(cast.centre).post(url, body, format="json").status_code == 200
        assert OrderExtension.objects.get().until_at.isoformat() == "2026-05-01T16:00:00+00:00"


class TestApprovals:
    def test_the_chief_decides_from_the_list(self, story, cast):
        order = story.proposed()
        browser = cast.client(cast.station_chief)
        assert REPORT.risk in browser.get("/approvals/orders/").content.decode()
        response = browser.post(f"/orders/{order.no}/approve/", {"back": "approvals"})
        assert response.url == "/approvals/"
        assert order.no not in browser.get("/approvals/orders/").content.decode()

    def test_another_station_sees_none_of_it(self, story, cast):
        order = story.proposed()
        text = cast.client(cast.other_station_chief).get("/approvals/orders/").content.decode()
        assert order.no not in text

    @pytest.mark.parametrize(("who", "status"), [
        ("station_chief", 302), ("station_command", 403), ("centre", 403), ("other_station_chief", 404),
    ])  # fmt: skip
    def test_later_dates(self, story, cast, who, status):
        order = story.accepted()
        body = {"until": "2026-05-01", "reason": "当事人在外地"}
        cast.client(cast.centre).post(f"/orders/{order.no}/extend/", body)
        asked = OrderExtension.objects.get()
        url = f"/approvals/extensions/{asked.pk}/approve/"
        assert cast.client(getattr(cast, who)).post(url).status_code == status
        asked.refresh_from_db()
        assert asked.approved is (True if status == 302 else None)

    def test_a_later_date_decided_meanwhile_is_told_at_the_head(self, story, cast):
        order = story.accepted()
        body = {"until": "2026-05-01", "reason": "当事人在外地"}
        cast.client(cast.centre).post(f"/orders/{order.no}/extend/", body)
        url = f"/approvals/extensions/{OrderExtension.objects.get().pk}"
        browser = cast.client(cast.station_chief)
        assert browser.post(f"{url}/approve/").status_code == 302
        answer = browser.post(f"{url}/reject/", {"text": "时间足够"})
        assert answer.status_code == 409
        assert "时间足够" in answer.content.decode()

    @pytest.mark.parametrize(("who", "offered"), [("station_chief", True), ("bureau", False)])
    def test_a_later_date_is_the_stations(self, story, cast, who, offered):
        order = story.accepted()
        body = {"until": "2026-05-01", "reason": "当事人在外地"}
        cast.client(cast.centre).post(f"/orders/{order.no}/extend/", body)
        text = cast.client(getattr(cast, who)).get("/approvals/orders/").content.decode()
        assert ("同意延期" in text) is offered

    def test_the_next_page_of_what_waits_can_be_reached(self, story, cast, monkeypatch):
        monkeypatch.setattr("dispute_hub.common.paging.PAGE_ROWS", 1)
        first = story.proposed()
        second = story.proposed(story.tracked(address="象珠镇象珠九村1号", reporter=None, parties=()))
        browser = cast.client(cast.station_chief)
        page = browser.get("/approvals/orders/", headers={"HX-Request": "true"})
        assert first.no in page.content.decode() and second.no not in page.content.decode()
        assert second.no in browser.get(page.context["next_url"]).content.decode()


class TestLanes:
    def test_the_list_behind_a_lane_has_as_many_as_it_counts(self, story, cast, clock):
        for status in ("rejected", "returned", "recalled", "returned"):
            story.at_status(status)
            clock.advance(days=20 if status == "rejected" else 0)
        clock.advance(days=20)
        browser = cast.client(cast.station_command)
        lane = next(
            one for one in selectors.lanes(cast.station_command, at=clock.at) if one.title == "已退回"
        )
        assert lane.count == 3
        assert len(browser.get(lane.more_url).context["rows"]) == 3


class TestQueries:
    def counted(self, cast, who, path):
        browser = cast.client(getattr(cast, who))
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    @pytest.mark.parametrize(("who", "path", "most"), [
        ("centre", "/orders/", 9), ("station_command", "/orders/", 9), ("centre", "/orders/?view=list", 8),
        ("station_chief", "/approvals/orders/", 9),
    ])  # fmt: skip
    def test_lists_need_the_same_for_one_and_many(self, story, cast, who, path, most):
        story.sent()
        story.proposed(story.tracked(address="象珠镇象珠九村1号", reporter=None, parties=()))
        few = self.counted(cast, who, path)
        for number in range(4):
            case = story.tracked(address=f"象珠镇象珠{number}村{number}号", reporter=None, parties=())
            order = story.proposed(case)
            if number % 2:
                story.act("approve", order)
        assert self.counted(cast, who, path) == few
        assert few <= most

    @pytest.mark.parametrize(("who", "most"), [("centre", 20), ("station_command", 20)])
    def test_the_order_page(self, story, cast, who, most):
        order = story.act("assign", story.accepted())
        few = self.counted(cast, who, f"/orders/{order.no}/")
        for _ in range(3):
            story.act("feed_back", order)
        assert self.counted(cast, who, f"/orders/{order.no}/") == few
        assert few <= most
