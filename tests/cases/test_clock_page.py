"""为什么是这一刻: every clock opens its reckoning; pauses and extensions are asked for and decided there."""

import uuid
from typing import Any

import pytest

from dispute_hub.cases import deadlines, services
from dispute_hub.cases.models import Deadline
from tests.cases.builders import a_case
from tests.cases.golden_tables import instant, shown


@pytest.fixture
def row(cast: Any, clock: Any) -> Deadline:
    clock.set("2026-09-30T15:00:00+08:00")
    case = a_case(cast, clock.at)
    holder = deadlines.Holder(post_id=cast.community_officer.post.pk)
    started = deadlines.start(case, case, "order.verify", key="normal", holder=holder, at=clock.at)
    assert started is not None
    return started


def page(cast: Any, who: str, row: Deadline) -> Any:
    return cast.client(getattr(cast, who)).get(row.why_url)


def post(cast: Any, who: str, row: Deadline, act: str, **fields: Any) -> Any:
    given = {"form_token": str(uuid.uuid4()), **fields}
    return cast.client(getattr(cast, who)).post(f"{row.why_url}{act}/", given)


def test_the_page_tells_each_day_and_the_end(cast, row) -> None:
    text = page(cast, "community_officer", row).content.decode()
    for line in (
        "3个工作日",
        "2026-10-07 周三 国庆节休息，不计入",
        "国庆节调休上班，第 3 个工作日",
        "2026-10-10 24:00",
    ):
        assert line in text
    assert "2026-10-11 00:00:00" not in text


@pytest.mark.parametrize(
    ("who", "status"), [("station_chief", 200), ("other_station_chief", 404), ("centre", 404)]
)
def test_a_clock_is_seen_by_who_sees_the_case(cast, row, who: str, status: int) -> None:
    assert page(cast, who, row).status_code == status


def test_who_must_meet_a_clock_sees_it_without_the_case(cast, clock, row) -> None:
    Deadline.objects.filter(pk=row.pk).update(
        holder_post=None, holder_unit=cast.centre.post.unit_id, holder_role="centre"
    )
    assert page(cast, "centre", row).status_code == 200


def test_a_pause_on_the_page_shows_both_dates(cast, clock, row) -> None:
    assert post(cast, "station_chief", row, "pause", reason="等待鉴定").status_code == 302
    assert "起暂停" in page(cast, "community_officer", row).content.decode()
    clock.set("2026-10-09T10:00:00+08:00")
    assert post(cast, "station_chief", row, "resume").status_code == 302
    # 8 and 9 October were paused: 10, 12 and 13 are the three days
    assert shown(Deadline.objects.get(pk=row.pk).due_at) == shown(instant("2026-10-13T24:00"))
    text = page(cast, "community_officer", row).content.decode()
    assert "原到期" in text
    assert "2026-10-10 24:00" in text
    assert "2026-10-13 24:00" in text
    assert "暂停期间，不计入" in text


def test_an_extension_is_asked_and_approved_on_the_page(cast, row) -> None:
    assert (
        post(cast, "community_officer", row, "extend", until_on="2026-10-16", reason="外出").status_code
        == 302
    )
    assert "待审批" in page(cast, "community_officer", row).content.decode()
    assert post(cast, "station_chief", row, "extension", verdict="approve").status_code == 302
    assert shown(Deadline.objects.get(pk=row.pk).due_at) == shown(instant("2026-10-16T24:00"))


def test_a_refused_form_keeps_what_was_typed(cast, row) -> None:
    refused = post(cast, "community_officer", row, "extend", until_on="2026-10-09", reason="当事人外出")
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "请选择现有期限以后的日期" in text
    assert "当事人外出" in text
    assert post(cast, "station_chief", row, "extension", verdict="approve").status_code == 409


def test_the_page_costs_the_same_whatever_happened(cast, clock, row, django_assert_max_num_queries) -> None:
    for day in ("2026-10-16", "2026-10-23"):
        asked = services.ask_clock_extension(
            row,
            until_on=instant(f"{day}T00:00").date(),
            reason="外出",
            actor=cast.community_officer,
            at=clock.at,
        )
        services.decide_clock_extension(asked, approved=True, text="", actor=cast.station_chief, at=clock.at)
    client = cast.client(cast.station_chief)
    client.get(row.why_url)
    with django_assert_max_num_queries(14):
        client.get(row.why_url)
