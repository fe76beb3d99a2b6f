"""每日汇总 through its doors: page, print, bulk acts, hand-over, API; and 审批."""

import re

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases.models import Case
from routing import selectors, services
from routing.models import DailySheet
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_sheets import MORNING

PAGE = "/sheet/2026-03-05/"


@pytest.fixture
def sheet(handle, cast, clock):
    clock.set("2026-03-04T10:00:00+08:00")
    handle(CALM)
    handle(KNIFE, address="象珠镇后村3号", reporter=None, parties=())
    clock.set("2026-03-05T08:00:00+08:00")
    return services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)


class TestPage:
    def test_figures_sections_and_the_frozen_word(self, sheet, cast):
        html = cast.client(cast.station_chief).get("/sheet/").content.decode()
        assert "昨日汇总（08:00已冻结" in html
        assert "今日凌晨补充" in html
        assert len(re.findall(r'<div class="hub-table-box"\s+id="sheet-(?!live)', html)) == 6
        assert "报警甲" not in html
        assert "报**" in html

    def test_before_it_is_frozen_the_page_says_when(self, cast, clock):
        html = cast.client(cast.station_chief).get("/sheet/").content.decode()
        assert "该日汇总尚未冻结" in html

    def test_any_past_day_prints_as_frozen(self, sheet, handle, cast, clock):
        before = cast.client(cast.station_chief).get(f"{PAGE}print/").content.decode()
        clock.set("2026-04-20T10:00:00+08:00")
        handle(CALM, address="象珠镇新村1号", reporter=None, parties=())
        after = cast.client(cast.station_chief).get(f"{PAGE}print/").content.decode()
        numbers = re.compile(r"JF\d+")
        assert numbers.findall(after) == numbers.findall(before)
        assert "hub-landscape" in after

    def test_an_impossible_day_is_not_found(self, cast, clock):
        assert cast.client(cast.station_chief).get("/sheet/2026-02-30/").status_code == 404

    def test_queries_do_not_grow_with_the_rows(self, sheet, handle, cast, clock, django_assert_num_queries):
        client = cast.client(cast.station_chief)
        with django_assert_num_queries(15):
            client.get(PAGE)
        clock.set("2026-03-05T09:00:00+08:00")
        for number in range(4):
            handle(KNIFE, address=f"象珠镇{number}村", reporter=None, parties=())
        clock.set("2026-03-06T08:00:00+08:00")
        services.issue_sheet(cast.units.station, sheet_on=MORNING.replace(day=6), actor=SYSTEM, at=clock.at)
        client = cast.client(cast.station_chief)
        with django_assert_num_queries(15):
            client.get("/sheet/2026-03-06/")

    def test_the_bureau_reads_every_station_of_its_own(self, sheet, cast):
        html = cast.client(cast.bureau).get(f"{PAGE}?station=330784-XZ").content.decode()
        assert "昨日汇总" in html
        assert cast.client(cast.bureau).get(f"{PAGE}?station=nowhere").status_code == 404


class TestActing:
    def test_the_chief_signs_once(self, sheet, cast):
        client = cast.client(cast.station_chief)
        assert client.post(f"{PAGE}sign/").status_code == 302
        sheet.refresh_from_db()
        assert sheet.signed_by == cast.station_chief.post
        assert "象所长" in client.get(PAGE).content.decode()

    def test_ticked_rows_get_a_result_each(self, sheet, cast):
        ids = list(sheet.rows.filter(section="unsettled").values_list("pk", flat=True))
        told = {"row": ids, "act": "assign", "post": cast.community_officer.post.pk}
        html = cast.client(cast.station_chief).post(f"{PAGE}rows/", told).content.decode()
        assert html.count("已分派给责任民") == len(ids) == 2

    def test_assigning_to_nobody_is_refused(self, sheet, cast):
        row = sheet.rows.first()
        told = {"row": row.pk, "act": "assign", "post": cast.other_community_officer.post.pk}
        assert cast.client(cast.station_chief).post(f"{PAGE}rows/", told).status_code == 422

    def test_a_row_opens_in_the_panel(self, sheet, cast):
        row = sheet.rows.first()
        assert "责任民" in cast.client(cast.station_chief).get(f"{PAGE}rows/{row.pk}/").content.decode()
        assert cast.client(cast.other_station_chief).get(f"{PAGE}rows/{row.pk}/").status_code == 404

    def test_the_hand_over_stands_beside_it(self, sheet, cast):
        html = cast.client(cast.station_chief).get(PAGE).content.decode()
        assert 'href="/handover/2026-03-05/"' in html
        assert "双方均未签字" in html

    def test_a_slip_is_taken_back(self, sheet, cast):
        client, row = cast.client(cast.station_chief), sheet.rows.first()
        client.post(f"{PAGE}rows/", {"row": row.pk, "act": "read"})
        html = client.post(f"{PAGE}undo/", {"row": row.pk, "act": "read"}).content.decode()
        assert "1 件已撤销" in html
        row.refresh_from_db()
        assert row.read_at is None


class TestApi:
    def test_counts_equal_rows(self, sheet, cast):
        body = cast.api(cast.station_chief).get("/api/v1/sheets/330784-XZ/2026-03-05/").json()
        for section, count in body["figures"].items():
            assert count == sum(row["section"] == section for row in body["rows"])
        assert body["rows"][0]["parties"].endswith("*")

    def test_signing(self, sheet, cast):
        body = (
            cast.api(cast.station_chief)
            .post("/api/v1/sheets/330784-XZ/2026-03-05/sign/", {}, format="json")
            .json()
        )
        assert body["signed_at"]
        assert body["signed_by_duty"] is False


# who -> GET page, POST sign, POST rows, GET api, POST api sign
WHO = {
    "station_chief": (200, 302, 200, 200, 200),
    "station_command": (200, 403, 200, 200, 403),
    "bureau": (200, 403, 403, 200, 403),
    "officer": (403, 403, 403, 403, 403),
    "other_station_chief": (200, 404, 404, 404, 404),
    "centre": (403, 403, 403, 403, 403),
    None: (302, 302, 302, 401, 401),
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_do_what(sheet, cast, who):
    actor = getattr(cast, who) if who else None
    client, api = cast.client(actor), cast.api(actor)
    row = sheet.rows.first()
    address = "/api/v1/sheets/330784-XZ/2026-03-05/"
    found = [client.get(PAGE).status_code, client.post(f"{PAGE}sign/").status_code]
    DailySheet.objects.update(signed_at=None, signed_by=None)
    found += [
        client.post(f"{PAGE}rows/", {"row": row.pk, "act": "read"}).status_code,
        api.get(address).status_code,
        api.post(f"{address}sign/", {}, format="json").status_code,
    ]
    assert tuple(found) == WHO[who]


class TestApprovals:
    def test_the_command_room_confirms_after_a_call_back(self, call, cast, clock):
        push = services.sign_push(selectors.first_push_of(call(CALM)), actor=cast.officer, at=clock.at)
        services.feed_back(push, outcome="void", text="电话无人接听", actor=cast.officer, at=clock.at)
        client = cast.client(cast.station_command)
        assert "电话无人接听" in client.get("/approvals/").content.decode()
        address = f"/approvals/confirm/{push.case.case_no}/"
        assert client.post(address, {"as_status": "void", "text": ""}).status_code == 422
        assert client.post(address, {"as_status": "void", "text": "回拨核实误拨"}).status_code == 302
        assert Case.objects.get(pk=push.case_id).status == "void"

    @pytest.mark.parametrize("fragment", ["/closings/", "/regrades/", "/approvals/orders/"])
    def test_the_lists_of_the_chief_are_fetched_for_him_alone(self, cast, clock, fragment):
        shown = {
            who: f'hx-get="{fragment}"' in cast.client(getattr(cast, who)).get("/approvals/").content.decode()
            for who in ("station_chief", "station_command")
        }
        assert shown == {"station_chief": True, "station_command": False}

    @pytest.mark.parametrize(
        ("who", "status"),
        [("station_chief", 200), ("station_command", 200), ("officer", 403), ("centre", 403), (None, 302)],
    )
    def test_who_opens_the_page(self, cast, clock, who, status):
        assert cast.client(getattr(cast, who) if who else None).get("/approvals/").status_code == status
