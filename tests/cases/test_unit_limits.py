"""A station may be stricter than the table: proposed by one, in force by another, shown where it counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dispute_hub.cases import (
    clock_recount,
    clock_table,
    deadlines,
    in_force,
    lifecycle,
    services,
    unit_limit_selectors,
)
from dispute_hub.cases.models import Deadline, UnitLimit
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope
from tests.cases.builders import a_case

KIND, KEY = "push_second.sign", "orange"  # two hours in the table


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})
    yield
    clock_table.use_unit_limits({})


def propose(cast: Any, clock: Any, limit: str = "1 hours", **more: Any) -> UnitLimit:
    given = {"kind": KIND, "key": KEY, "reason": "城区警情密集", "actor": cast.station_chief} | more
    unit = given.pop("unit", cast.units.station)
    return services.propose_unit_limit(unit, limit=limit, at=clock.at, **given)


def decide(row: UnitLimit, cast: Any, clock: Any, approved: bool = True, **more: Any) -> UnitLimit:
    given = {"actor": cast.bureau, "text": "" if approved else "暂不调整"} | more
    done = services.decide_unit_limit(row, approved=approved, at=clock.at, **given)
    in_force.reload()
    return done


def begin(cast: Any, clock: Any, station: str = "station", **parts: Any) -> Deadline:
    case = a_case(cast, clock.at)
    case.station = getattr(cast.units, station)
    case.save()
    started = deadlines.start(case, case, KIND, key=KEY, holder=deadlines.Holder(), at=clock.at)
    assert started is not None
    return started


def within(row: Deadline) -> timedelta:
    fresh = Deadline.objects.get(pk=row.pk)
    return fresh.due_at - fresh.starts_at


def test_only_the_station_itself_is_stricter(cast, clock) -> None:
    before = begin(cast, clock)
    decide(propose(cast, clock), cast, clock)
    assert within(begin(cast, clock)) == timedelta(hours=1)
    assert within(begin(cast, clock, "other_station")) == timedelta(hours=2)
    assert within(before) == timedelta(hours=2)
    clock.advance(minutes=1)
    while clock_recount.run_slice(at=clock.at):
        pass
    assert within(before) == timedelta(hours=1)


def test_nothing_changes_before_the_second_person(cast, clock) -> None:
    row = propose(cast, clock)
    in_force.reload()
    assert within(begin(cast, clock)) == timedelta(hours=2)
    decide(row, cast, clock, approved=False)
    assert within(begin(cast, clock)) == timedelta(hours=2)
    assert row.unit_id == cast.units.station.pk


@pytest.mark.parametrize(
    ("limit", "stands"),
    [
        ("119 minutes", True),
        ("120 minutes", False),
        ("2 hours", False),
        ("3 hours", False),
        ("1 hours", True),
    ],
)
def test_it_may_only_be_stricter(cast, clock, limit: str, stands: bool) -> None:
    if stands:
        assert propose(cast, clock, limit).limit == limit
        return
    with pytest.raises(Invalid) as refused:
        propose(cast, clock, limit)
    assert refused.value.fields["limit"] == ["只能严于全市时限表。"]


def test_stricter_is_tried_over_many_starts(cast, clock) -> None:
    """20 hours are shorter than a working day on most days, but no hour count ends before each of them."""
    given = {"safety": False, "at": clock.at}
    assert services._unit_limits.is_stricter("1 working_days", "3 working_days", **given)
    assert not services._unit_limits.is_stricter("3 natural_days", "2 working_days", **given)
    assert services._unit_limits.is_stricter("12 hours", "1 working_days", **given)


def test_the_table_wins_again_by_the_same_road(cast, clock) -> None:
    decide(propose(cast, clock), cast, clock)
    decide(propose(cast, clock, ""), cast, clock)
    assert within(begin(cast, clock)) == timedelta(hours=2)
    assert list(UnitLimit.objects.order_by("version").values_list("version", "status")) == [
        (1, "retired"), (2, "active"),
    ]  # fmt: skip
    with pytest.raises(Invalid, match=""):
        propose(cast, clock, "")


def test_where_the_table_becomes_stricter_still_the_table_holds(cast, clock) -> None:
    decide(propose(cast, clock), cast, clock)
    table = clock_table.table()
    stricter = {**table["clocks"][KIND], "limits": {**table["clocks"][KIND]["limits"], KEY: "30 minutes"}}
    clock_table.use({**table, "clocks": {**table["clocks"], KIND: stricter}})
    try:
        assert within(begin(cast, clock)) == timedelta(minutes=30)
    finally:
        clock_table.use(None)


def test_one_proposal_at_a_time_and_never_ones_own(cast, clock) -> None:
    row = propose(cast, clock, actor=cast.bureau)
    with pytest.raises(Conflict):
        propose(cast, clock)
    with pytest.raises(NoRight, match="申请人不能审批"):
        decide(row, cast, clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitLimit.objects.filter(pk=row.pk).update(approver=row.proposer)


@pytest.mark.parametrize("who", ["station_command", "officer", "centre", "security_admin"])
def test_chief_and_bureau_propose(cast, clock, who: str) -> None:
    with pytest.raises(NoRight):
        propose(cast, clock, actor=getattr(cast, who))


def test_nobody_looks_after_another_station(cast, clock) -> None:
    with pytest.raises(OutOfScope):
        propose(cast, clock, unit=cast.units.other_station)
    with pytest.raises(OutOfScope):
        propose(cast, clock, unit=cast.units.bureau, actor=cast.bureau)
    assert propose(cast, clock, unit=cast.units.other_station, actor=cast.bureau).pk


# Pages -----------------------------------------------------------------------------------------------------


def shown(cast: Any, who: str, path: str = "/clock-table/units/") -> str:
    answer = cast.client(getattr(cast, who)).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_proposed_by_form_and_decided_by_form(cast, clock) -> None:
    given = {
        "unit": cast.units.station.code,
        "clock": f"{KIND}|{KEY}",
        "counted_in": "hours",
        "reason": "密集",
    }
    chief = cast.client(cast.station_chief)
    refused = chief.post("/clock-table/units/propose/", {**given, "amount": "9"})
    assert refused.status_code == 422
    assert "：只能严于全市时限表" in refused.content.decode()
    assert chief.post("/clock-table/units/propose/", {**given, "amount": "1"}).status_code == 302
    row = UnitLimit.objects.get()
    assert "待审批" in shown(cast, "bureau")
    assert "审批意见" not in shown(cast, "station_chief")
    bureau = cast.client(cast.bureau)
    assert bureau.post(f"/clock-table/units/{row.pk}/", {"verdict": "approve"}).status_code == 302
    in_force.reload()
    clocked = begin(cast, clock)
    said = shown(cast, "station_chief", clocked.why_url)
    assert "时限 1小时 计算（第1版，严于全市 2小时）" in said
    assert "/clock-table/units/" in said


def test_a_station_reads_its_own_alone(cast, clock) -> None:
    propose(cast, clock, unit=cast.units.other_station, actor=cast.bureau)
    assert "古山派出所" not in shown(cast, "station_chief")
    assert "古山派出所" in shown(cast, "other_station_command")


def test_queries_do_not_grow(cast, clock, django_assert_max_num_queries) -> None:
    client = cast.client(cast.bureau)
    client.get("/clock-table/units/")
    for key in ("yellow", "blue", "red", "orange"):
        propose(cast, clock, "20 minutes", key=key)
    with django_assert_max_num_queries(9):
        client.get("/clock-table/units/")


def test_a_refused_decision_comes_back_at_its_row_with_its_words(cast, clock) -> None:
    row, other = propose(cast, clock), propose(cast, clock, key="red", limit="20 minutes")
    bureau = cast.client(cast.bureau)
    path = f"/clock-table/units/{row.pk}/"
    refused = bureau.post(path, {"verdict": "refuse", "text": ""}).content.decode()
    assert refused.count("请填写不同意的理由。") == 1
    assert f'id="limit{row.pk}_verdict_1"' in refused
    assert refused.count("checked") == 1
    services.decide_unit_limit(row, approved=True, text="", actor=cast.bureau, at=clock.at)
    late = bureau.post(path, {"verdict": "refuse", "text": "警力不足，暂缓"})
    assert late.status_code == 409
    assert "该申请已审批" in late.content.decode() and "警力不足，暂缓" in late.content.decode()
    assert "未提交的审批意见" not in late.content.decode()
    assert other.status == "proposed"


def test_what_is_in_force_stays_on_the_page_however_much_came_after(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr("dispute_hub.cases.unit_limit_selectors.MOST_ROWS", 2)
    active = decide(propose(cast, clock), cast, clock)
    for _ in range(3):
        clock.advance(minutes=1)
        decide(propose(cast, clock, key="red", limit="20 minutes"), cast, clock, approved=False)
    rows = unit_limit_selectors.unit_limits(cast.bureau)
    assert (rows[0].row, len(rows)) == (active, 2)


def test_a_proposal_waits_for_the_stations_other_one(cast, clock) -> None:
    with CaptureQueriesContext(connection) as asked:
        propose(cast, clock)
    locked = [one["sql"] for one in asked.captured_queries if "FOR UPDATE" in one["sql"]]
    assert any('"accounts_unit"' in sql for sql in locked)
