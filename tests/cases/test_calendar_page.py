"""节假日: a change is previewed, confirmed and logged; open clocks are counted again (promise T9)."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dispute_hub.accounts import policy
from dispute_hub.audit.models import AccessLog
from dispute_hub.cases import calendar, clock_recount, deadlines, in_force, lifecycle, services
from dispute_hub.cases.models import CalendarOverride, CaseEvent, Deadline, Recount
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from tests.cases.builders import a_case
from tests.cases.golden_tables import instant, shown

FIELDS = {"first": "2026-03-05", "worked": "rest", "reason": "台风停工", "document_no": "永政发〔2026〕3号"}


@pytest.fixture(autouse=True)
def _packaged_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})
    yield
    calendar.use_overrides({})


def begin(cast: Any, clock: Any, kind: str = "order.verify", key: str = "normal", **more: Any) -> Deadline:
    case = a_case(cast, clock.at)
    started = deadlines.start(case, case, kind, key=key, holder=deadlines.Holder(), at=clock.at, **more)
    assert started is not None
    return started


def change(
    cast: Any, clock: Any, first: str, last: str = "", worked: bool | None = False, **more: Any
) -> Recount:
    given = {"reason": "台风停工", "document_no": "永政发〔2026〕3号", "actor": cast.system_admin} | more
    days = date.fromisoformat(first), date.fromisoformat(last or first)
    return services.change_calendar(*days, worked=worked, at=clock.at, **given)


def recount(clock: Any) -> int:
    clock.advance(seconds=11)
    slices = 0
    while clock_recount.run_slice(at=clock.at):
        slices += 1
    return slices


def due(row: Deadline) -> str:
    return shown(Deadline.objects.get(pk=row.pk).due_at)


def post(cast: Any, **fields: Any) -> Any:
    return cast.client(cast.system_admin).post("/calendar/", {"form_token": str(uuid.uuid4()), **fields})


# The change and its recount ------------------------------------------------------------------------------


def test_open_clocks_are_counted_again_once_and_logged(cast, clock) -> None:
    row = begin(cast, clock)  # three working days from Wednesday, 4 March
    assert due(row) == "2026-03-10T00:00"
    change(cast, clock, "2026-03-05")
    recount(clock)
    moved = Deadline.objects.get(pk=row.pk)
    assert (shown(moved.due_at), shown(moved.first_due_at)) == ("2026-03-11T00:00", "2026-03-10T00:00")
    event = CaseEvent.objects.get(kind="deadline.recounted")
    assert event.data["was_due_at"] == row.due_at.isoformat()
    assert "台风停工" in event.data["text"]
    assert recount(clock) == 0
    assert CaseEvent.objects.filter(kind="deadline.recounted").count() == 1
    job = Recount.objects.get()
    assert (job.looked_at_count, job.moved_count, job.finished_at is not None) == (1, 1, True)
    assert AccessLog.objects.filter(kind="admin_act", object_kind="calendar").count() == 1


def test_only_open_clocks_counted_by_rule_move(cast, clock) -> None:
    met = begin(cast, clock)
    deadlines.meet(met.case, met.kind, at=clock.at)
    agreed = begin(cast, clock, "performance.due", "", due_at=instant("2026-03-10T24:00"))
    safety = begin(cast, clock, "push_first.feed_back", "blue")
    before = [due(row) for row in (met, agreed, safety)]
    change(cast, clock, "2026-03-05", "2026-03-11")
    recount(clock)
    assert [due(row) for row in (met, agreed, safety)] == before


def test_new_clocks_count_by_the_change(cast, clock) -> None:
    change(cast, clock, "2026-03-05")
    in_force.reload()
    assert due(begin(cast, clock)) == "2026-03-11T00:00"


def test_a_day_made_worked_brings_the_end_forward_and_a_past_end_is_breached_once(cast, clock) -> None:
    row = begin(cast, clock)  # ends with Monday, 9 March
    clock.set("2026-03-09T00:30:00+08:00")
    Recount.objects.all().delete()
    CalendarOverride.objects.create(
        day=date(2026, 3, 7), worked=True, reason="集中排查", document_no="1号",
        entered_by=cast.system_admin.post, entered_at=clock.at,
    )  # fmt: skip
    clock_recount.request("calendar", "2026-03-07", at=clock.at)
    recount(clock)
    assert due(row) == "2026-03-08T00:00"
    deadlines.sweep(at=clock.at)
    deadlines.sweep(at=clock.at)
    assert CaseEvent.objects.filter(kind="deadline.breached").count() == 1


def test_withdrawing_an_entry_gives_the_tables_word_back(cast, clock) -> None:
    row = begin(cast, clock)
    change(cast, clock, "2026-03-05")
    recount(clock)
    change(cast, clock, "2026-03-05", worked=None)
    recount(clock)
    assert due(row) == "2026-03-10T00:00"
    assert CalendarOverride.objects.count() == 2


def test_a_recount_goes_slice_by_slice_and_survives_a_stop(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(clock_recount, "SLICE", 2)
    rows = [begin(cast, clock) for _ in range(5)]
    change(cast, clock, "2026-03-05")
    clock.advance(seconds=11)
    assert clock_recount.run_slice(at=clock.at) is True
    assert [due(row) for row in rows].count("2026-03-11T00:00") == 2
    assert recount(clock) == 2
    assert {due(row) for row in rows} == {"2026-03-11T00:00"}
    assert CaseEvent.objects.filter(kind="deadline.recounted").count() == 5


def test_a_recount_waits_until_every_process_has_read_the_change(cast, clock) -> None:
    change(cast, clock, "2026-03-05")
    assert clock_recount.is_waiting(at=clock.at) is False
    assert clock_recount.run_slice(at=clock.at) is False


@pytest.mark.parametrize(
    ("first", "last", "worked", "field"),
    [
        ("2026-03-06", "2026-03-05", False, "last"),
        ("2026-03-05", "2026-04-30", False, "last"),
        ("2025-12-31", "2025-12-31", False, "first"),
        ("2029-01-01", "2029-01-01", False, "first"),
        ("2026-03-07", "2026-03-08", False, "first"),
        ("2026-03-05", "2026-03-05", True, "first"),
        ("2026-03-05", "2026-03-05", None, "first"),
    ],
)
def test_a_run_nobody_could_mean_is_refused(cast, clock, first, last, worked, field) -> None:
    with pytest.raises(Invalid) as refused:
        change(cast, clock, first, last, worked)
    assert list(refused.value.fields) == [field]
    assert not Recount.objects.exists()


@pytest.mark.parametrize("who", ["bureau", "security_admin", "station_chief", "auditor"])
def test_only_the_system_administrator_changes_days(cast, clock, who: str) -> None:
    assert policy.MATRIX["calendar.manage"] == {"system_admin"}
    with pytest.raises(NoRight):
        change(cast, clock, "2026-03-05", actor=getattr(cast, who))


# The page ------------------------------------------------------------------------------------------------


def test_the_year_shows_rest_days_and_make_up_days(cast, clock) -> None:
    text = cast.client(cast.system_admin).get("/calendar/?year=2026").content.decode()
    assert "2026-10-10 国庆节调休上班" in text
    assert "2026-10-01 国庆节休息" in text
    assert "尚未载入" not in text


def test_a_year_without_table_is_warned_of(cast, clock) -> None:
    assert (
        "2027 年节假日安排尚未载入"
        in cast.client(cast.system_admin).get("/calendar/?year=2027").content.decode()
    )


def test_first_a_preview_then_the_change(cast, clock) -> None:
    begin(cast, clock)
    begin(cast, clock, "push_first.feed_back", "blue")
    preview = post(cast, **FIELDS).content.decode()
    assert "将变动 <strong>1</strong> 个" in preview
    assert "推后 1 个，提前 0 个" in preview
    assert not CalendarOverride.objects.exists()
    assert post(cast, **FIELDS, confirmed="1").status_code == 302
    assert CalendarOverride.objects.get().document_no == FIELDS["document_no"]
    page = cast.client(cast.system_admin).get("/calendar/").content.decode()
    assert "台风停工" in page
    assert "进行中" in page


def test_a_refused_change_keeps_what_was_typed(cast, clock) -> None:
    refused = post(cast, **FIELDS | {"worked": "work"})
    assert refused.status_code == 422
    assert "与现行一致" in refused.content.decode()
    assert "台风停工" in refused.content.decode()


def test_the_page_costs_the_same_whatever_was_entered(cast, clock, django_assert_max_num_queries) -> None:
    change(cast, clock, "2026-03-05", "2026-03-20")
    client = cast.client(cast.system_admin)
    client.get("/calendar/")
    with django_assert_max_num_queries(10):
        client.get("/calendar/")


# Next year's table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "told"), [("2026-11-30T10:00", 0), ("2026-12-01T10:00", 1), ("2025-12-05T10:00", 0)]
)
def test_the_administrator_is_told_from_december(cast, clock, now: str, told: int) -> None:
    clock.set(instant(now))
    assert services.warn_of_missing_table(at=clock.at) is bool(told)
    rows = [row.payload for row in OutboxRow.objects.filter(topic="notice")]
    assert [row["kind"] for row in rows] == ["calendar.missing"] * told
    assert all(row["post_id"] == cast.system_admin.post.pk for row in rows)


def test_the_preview_reckons_a_thousand_clocks_in_few_queries(
    cast, clock, django_assert_max_num_queries
) -> None:
    row = begin(cast, clock)
    rows = [
        Deadline(
            case=row.case, subject_kind="x", subject_id=number, kind=row.kind, key=row.key, limit=row.limit,
            starts_at=clock.at, due_at=row.due_at,
        )
        for number in range(1000)
    ]  # fmt: skip
    Deadline.objects.bulk_create(rows)
    by = calendar.with_days({date(2026, 3, 5): (False, "")})
    with django_assert_max_num_queries(4):
        found = clock_recount.preview([date(2026, 3, 5)], by)
    assert (found.looked_at, found.later, found.earlier) == (1001, 1001, 0)
    assert found.by_name == [("核查双方当事人", 1001)]
