"""Pages of an emergency: who reaches which, what stands on them, how many queries they cost."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case
from routing import services
from routing.models import Emergency
from tests.cast import Cast
from tests.routing.test_emergency import INSTRUCTION, WAGES, begin


@pytest.fixture
def crowd(call: Any) -> Case:
    return Case.objects.get(pk=call(WAGES).case_id)


def page(cast: Cast, who: str, path: str, status: int = 200) -> str:
    answer = cast.client(getattr(cast, who)).get(path)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def given(cast: Cast, **more: Any) -> dict[str, Any]:
    fields = {
        "people": "42", "commander": cast.station_chief.post.pk, "lead_unit": cast.units.department.code,
        "instruction": INSTRUCTION,
    }  # fmt: skip
    return fields | more


@pytest.mark.parametrize("who", ["duty_commander", "bureau"])
def test_the_offer_stands_where_the_commanders_look(crowd: Case, cast: Cast, clock: Any, who: str) -> None:
    listed = page(cast, who, "/emergencies/")
    assert f"/cases/{crowd.case_no}/emergency/" in listed
    form = page(cast, who, f"/cases/{crowd.case_no}/emergency/")
    assert "现场聚集30人以上" in form
    assert "象所长" in form
    assert "古所长" not in form


def test_the_case_file_offers_it_to_the_bureau_alone(crowd: Case, cast: Cast, clock: Any) -> None:
    path = f"/cases/{crowd.case_no}/"
    assert "启动应急处置" in page(cast, "bureau", path)
    assert "启动应急处置" not in page(cast, "station_chief", path)
    row = begin(crowd, cast, clock)
    assert f"/emergencies/{row.pk}/" in page(cast, "station_chief", path)


def test_set_by_form_and_refused_at_its_field(crowd: Case, cast: Cast, clock: Any) -> None:
    client, path = cast.client(cast.duty_commander), f"/cases/{crowd.case_no}/emergency/"
    refused = client.post(path, given(cast, people="12"))
    assert refused.status_code == 422
    assert "请核实现场人数" in refused.content.decode()
    client.post(path, given(cast, people="12", is_blocked="on"))
    row = Emergency.objects.get()
    assert (row.ground, row.lead_unit) == ("blocked", cast.units.department)
    assert client.get(path).headers["Location"] == f"/emergencies/{row.pk}/"


def test_the_whole_road_by_forms(crowd: Case, cast: Cast, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    path = f"/emergencies/{row.pk}/"
    assert "首报" in page(cast, "station_chief", path)
    commander = cast.client(cast.station_chief)
    assert commander.post(f"{path}reports/", {"people": "40", "text": "正在劝离"}).status_code == 302
    assert "正在劝离" in page(cast, "duty_commander", path)
    desk = cast.client(cast.duty_commander)
    moved = {"commander": cast.officer.post.pk, "reason": "轮换"}
    assert desk.post(f"{path}commander/", moved).status_code == 302
    assert desk.post(f"{path}end/", {"text": ""}).status_code == 422
    assert desk.post(f"{path}end/", {"text": "已劝离"}).status_code == 302
    assert "终报" in page(cast, "officer", path)
    row.refresh_from_db()
    assert (row.commander, row.is_running) == (cast.officer.post, False)


def test_a_report_written_before_the_end_comes_back_as_what_is_due_now(
    crowd: Case, cast: Cast, clock: Any
) -> None:
    row = begin(crowd, cast, clock)
    path = f"/emergencies/{row.pk}/"
    commander = cast.client(cast.station_chief)
    assert 'name="expected" value="first"' in commander.get(path).content.decode()
    services.end_emergency(row, text="已劝离", actor=cast.bureau, at=clock.at)
    refused = commander.post(f"{path}reports/", {"expected": "first", "text": "人群开始散去"})
    said = refused.content.decode()
    assert refused.status_code == 409
    assert "现在应提交的是终报" in said and "人群开始散去" in said
    assert 'name="expected" value="final"' in said
    assert not row.reports.exists()


def test_who_ends_it_second_reads_why_and_keeps_the_words(crowd: Case, cast: Cast, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    services.end_emergency(row, text="已劝离", actor=cast.bureau, at=clock.at)
    late = cast.client(cast.duty_commander).post(f"/emergencies/{row.pk}/end/", {"text": "由人社约谈工头"})
    assert late.status_code == 409
    assert "该应急处置已解除" in late.content.decode()
    assert "由人社约谈工头" in late.content.decode()


def test_numbers_in_free_text_stay_masked(crowd: Case, cast: Cast, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    services.report_emergency(
        row, text="带头人电话13812345678", people=40, actor=cast.station_chief, at=clock.at
    )
    services.end_emergency(row, text="已与13912345678谈妥", actor=cast.bureau, at=clock.at)
    text = page(cast, "leader", f"/emergencies/{row.pk}/")
    assert "带头人电话" in text
    assert "13812345678" not in text and "13912345678" not in text


def test_an_offer_made_anew_stands_whatever_is_still_owed_of_the_last_one(
    crowd: Case, call: Any, cast: Cast, clock: Any
) -> None:
    row = begin(crowd, cast, clock)
    services.end_emergency(row, text="已劝离", actor=cast.bureau, at=clock.at)
    offered = f"/cases/{crowd.case_no}/emergency/"
    assert offered not in page(cast, "bureau", "/emergencies/")
    clock.advance(hours=1)
    assert call(WAGES).case_id == crowd.pk
    services.report_emergency(row, text="终报", people=0, actor=cast.station_chief, at=clock.at)
    assert offered in page(cast, "bureau", "/emergencies/")
    assert "现场聚集30人以上" in page(cast, "bureau", offered)


@pytest.mark.parametrize("who", ["centre", "department"])
def test_a_called_unit_confirms_what_it_may_read(crowd: Case, cast: Cast, clock: Any, who: str) -> None:
    row = begin(crowd, cast, clock)
    path = f"/emergencies/{row.pk}/"
    text = page(cast, who, f"{path}instruction/")
    for secret in (crowd.case_no, "红", "讨要", "13800000001", "报警甲", "13812345678"):
        assert secret not in text
    assert cast.client(getattr(cast, who)).post(f"{path}receive/").status_code == 302
    assert "确认收到" not in page(cast, who, f"{path}instruction/").replace("已确认收到", "")
    page(cast, who, path, 403)


@pytest.mark.parametrize("who", ["other_station_chief", "other_officer"])
def test_another_station_finds_nothing(crowd: Case, cast: Cast, clock: Any, who: str) -> None:
    row = begin(crowd, cast, clock)
    page(cast, who, f"/emergencies/{row.pk}/", 404)
    assert crowd.case_no not in page(cast, who, "/emergencies/")


def test_nothing_of_it_stands_on_the_wall_or_on_the_streets_lists(
    crowd: Case, cast: Cast, clock: Any
) -> None:
    assert crowd.case_no in page(cast, "bureau", "/board/wall/")
    begin(crowd, cast, clock)
    wall = page(cast, "bureau", "/board/wall/")
    assert crowd.case_no not in wall
    assert crowd.case_no in page(cast, "bureau", "/board/")
    for path in ("/board/wall/", "/orders/", "/cases/"):
        assert "应急" not in page(cast, "centre", path)
    assert "应急" not in wall


def test_queries_do_not_grow(crowd: Case, cast: Cast, clock: Any, django_assert_max_num_queries: Any) -> None:
    row = begin(crowd, cast, clock)
    client, path = cast.client(cast.station_chief), f"/emergencies/{row.pk}/"
    client.get(path)
    for number in range(6):
        services.report_emergency(
            row, text=f"续报{number}", people=40, actor=cast.station_chief, at=clock.advance(minutes=5)
        )
    with django_assert_max_num_queries(12):
        client.get(path)
    with django_assert_max_num_queries(12):
        client.get("/emergencies/")
