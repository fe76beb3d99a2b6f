"""时限表: drafted, bounded, previewed, brought into force by a second person, open clocks recounted."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.cases import (
    clock_recount,
    clock_table,
    deadlines,
    in_force,
    lifecycle,
    reference,
    services,
    table_previews,
)
from dispute_hub.cases.models import CaseEvent, ClockTable, Deadline, TablePreview
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from tests.cases.builders import a_case
from tests.cases.golden_tables import shown

VERIFY = {"extra_urgent": "24 hours", "urgent": "3 working_days", "normal": "5 working_days"}


@pytest.fixture(autouse=True)
def _packaged_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})
    yield
    clock_table.use(None)


@pytest.fixture
def first(db: Any, clock: Any) -> ClockTable:
    reference.load(at=clock.at)
    reference.load(at=clock.at)
    return ClockTable.objects.get()


@pytest.fixture
def draft(first: ClockTable, cast: Any, clock: Any) -> ClockTable:
    return services.draft_clock_table(first, note="核查放宽", actor=cast.bureau, at=clock.at)


def edit(draft: ClockTable, cast: Any, clock: Any, kind: str = "order.verify", **more: Any) -> ClockTable:
    given = {"limits": VERIFY, "version": None, "actor": cast.bureau} | more
    return services.edit_clock(draft, kind=kind, at=clock.at, **given)


def activate(draft: ClockTable, cast: Any, clock: Any, who: str = "security_admin") -> Any:
    return services.activate_clock_table(draft, actor=getattr(cast, who), at=clock.at)


def begin(cast: Any, clock: Any, kind: str = "order.verify", key: str = "normal") -> Deadline:
    case = a_case(cast, clock.at)
    started = deadlines.start(case, case, kind, key=key, holder=deadlines.Holder(), at=clock.at)
    assert started is not None
    return started


def post(cast: Any, url: str, who: str = "bureau", **fields: Any) -> Any:
    return cast.client(getattr(cast, who)).post(url, {"form_token": str(uuid.uuid4()), **fields})


def test_the_packaged_table_is_version_one(first: ClockTable) -> None:
    assert (first.version, first.status, first.content) == (1, "active", clock_table.packaged())


def test_a_second_person_activates_and_open_clocks_are_counted_again(draft, cast, clock) -> None:
    row, other = begin(cast, clock), begin(cast, clock, "close.approve", "")
    edit(draft, cast, clock)
    found = draft.previews.latest("id")
    assert (found.later_count, found.earlier_count, found.most_moved) == (1, 0, [("核查双方当事人", 1)])
    activate(draft, cast, clock)
    clock.advance(seconds=11)
    while clock_recount.run_slice(at=clock.at):
        pass
    moved = Deadline.objects.get(pk=row.pk)
    assert (moved.limit, shown(moved.due_at)) == ("5 working_days", "2026-03-12T00:00")
    assert shown(moved.first_due_at) == "2026-03-10T00:00"
    assert Deadline.objects.get(pk=other.pk).due_at == other.due_at
    assert CaseEvent.objects.get(kind="deadline.recounted").data["text"] == "时限表第2版生效"
    assert begin(cast, clock).limit == "5 working_days"
    assert list(ClockTable.objects.order_by("version").values_list("status", flat=True)) == [
        "retired",
        "active",
    ]


def test_who_wrote_in_a_draft_never_activates_it(draft, cast, clock) -> None:
    edit(draft, cast, clock, actor=cast.security_admin)
    for who in ("bureau", "security_admin"):
        with pytest.raises(NoRight):
            activate(draft, cast, clock, who)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockTable.objects.filter(pk=draft.pk).update(activated_by=cast.bureau.user)


def test_a_draft_of_an_older_version_or_without_a_change_is_refused(first, draft, cast, clock) -> None:
    with pytest.raises(Conflict, match="没有差异"):
        activate(draft, cast, clock)
    second = services.draft_clock_table(first, note="另一份", actor=cast.bureau, at=clock.at)
    for one in (draft, second):
        edit(one, cast, clock)
    activate(draft, cast, clock)
    with pytest.raises(Conflict, match="已有新版本"):
        activate(second, cast, clock)
    services.discard_clock_table(second, actor=cast.bureau, at=clock.at)
    with pytest.raises(Conflict):
        edit(second, cast, clock)


@pytest.mark.parametrize(
    ("kind", "key", "limit"),
    [
        ("order.verify", "normal", "0 working_days"), ("order.verify", "normal", "-1 working_days"),
        ("order.verify", "normal", "1000000000 working_days"), ("order.verify", "normal", "251 working_days"),
        ("order.verify", "normal", "soon"), ("order.verify", "normal", "3 weeks"),
        ("order.verify", "blue", "3 hours"), ("order.verify", "extra_urgent", "1 working_days"),
        ("push_first.sign", "red", "2 working_hours"), ("diversion.accept", "", "1 natural_days"),
    ],
)  # fmt: skip
def test_limits_nobody_means_are_refused_at_their_key(draft, cast, clock, kind, key, limit) -> None:
    with pytest.raises(Invalid) as refused:
        edit(draft, cast, clock, kind, limits={key: limit})
    assert list(refused.value.fields) == [key]


def test_an_older_form_is_stale(draft, cast, clock) -> None:
    edit(draft, cast, clock, version=0)
    with pytest.raises(Stale):
        edit(draft, cast, clock, version=0)


# Pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0", "-1", "1000000000", "x", ""])
def test_the_field_refuses_what_is_out_of_bounds(draft, cast, clock, amount: str) -> None:
    url = f"/clock-table/{draft.pk}/limits/order.verify/"
    fields = {"amount_extra_urgent": "24", "unit_extra_urgent": "hours", "amount_urgent": "3"}
    fields |= {"unit_urgent": "working_days", "amount_normal": amount, "unit_normal": "working_days"}
    refused = post(cast, url, **fields)
    assert refused.status_code == 422
    assert "amount_normal" in refused.context["form"].errors
    assert ClockTable.objects.get(pk=draft.pk).edit_no == 0


def test_from_draft_to_force_in_the_browser(first, cast, clock) -> None:
    begin(cast, clock)
    made = post(cast, f"/clock-table/{first.pk}/draft/", note="核查放宽")
    url = made["Location"]
    form = cast.client(cast.bureau).get(f"{url}limits/order.verify/").context["form"]
    fields = {name: form[name].value() for name in form.fields} | {"amount_normal": "5"}
    assert post(cast, f"{url}limits/order.verify/", **fields).status_code == 302
    page = cast.client(cast.security_admin).get(url).content.decode()
    assert "核查双方当事人 平急：3个工作日 → <strong>5个工作日</strong>" in page
    assert "将变动未结时限 <strong>1</strong> 个" in page
    assert post(cast, f"{url}activate/", "bureau").status_code == 403
    assert post(cast, f"{url}activate/", "security_admin").status_code == 302
    assert ClockTable.objects.get(status="active").version == 2
    assert "第2版" in cast.client(cast.bureau).get("/clock-table/").content.decode()


@pytest.mark.parametrize("who", ["system_admin", "station_chief", "auditor"])
def test_others_do_not_come_in(first, cast, who: str) -> None:
    assert cast.client(getattr(cast, who)).get("/clock-table/").status_code == 403


def test_the_pages_cost_the_same_whatever_is_open(draft, cast, clock, django_assert_max_num_queries) -> None:
    edit(draft, cast, clock)
    client = cast.client(cast.security_admin)
    client.get("/clock-table/")
    with django_assert_max_num_queries(8):
        client.get("/clock-table/")
    with django_assert_max_num_queries(10):
        client.get(f"/clock-table/{draft.pk}/")


def test_a_process_reads_the_table_in_force(draft, cast, clock) -> None:
    edit(draft, cast, clock)
    activate(draft, cast, clock)
    assert clock_table.limit_of("order.verify", "normal") == "3 working_days"
    in_force.reload()
    assert clock_table.limit_of("order.verify", "normal") == "5 working_days"


# The preview -----------------------------------------------------------------------------------------------


def test_a_large_preview_goes_on_beside_the_request(draft, cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(table_previews, "SLICE", 2)
    for _ in range(5):
        begin(cast, clock)
    edit(draft, cast, clock)
    found = draft.previews.latest("id")
    assert (found.looked_at_count, found.moved, found.finished_at) == (2, 2, None)
    page = cast.client(cast.security_admin).get(f"/clock-table/{draft.pk}/").content.decode()
    assert "正在后台测算，已看 2 个" in page
    assert "核对无误，启用" not in page
    assert table_previews.is_waiting() is True
    assert [table_previews.run_slice(at=clock.at) for _ in range(3)] == [True, False, False]
    found.refresh_from_db()
    assert (found.looked_at_count, found.moved, found.finished_at) == (5, 5, clock.at)
    page = cast.client(cast.security_admin).get(f"/clock-table/{draft.pk}/").content.decode()
    assert "将变动未结时限 <strong>5</strong> 个" in page
    assert "核对无误，启用" in page


def test_an_edit_gives_up_the_count_of_the_state_before(draft, cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(table_previews, "SLICE", 1)
    begin(cast, clock)
    begin(cast, clock)
    edit(draft, cast, clock)
    again = edit(ClockTable.objects.get(pk=draft.pk), cast, clock)
    assert [row.edit_no for row in TablePreview.objects.filter(finished_at__isnull=True)] == [again.edit_no]


def test_counted_again_on_demand(draft, cast, clock) -> None:
    edit(draft, cast, clock)
    begin(cast, clock)
    assert post(cast, f"/clock-table/{draft.pk}/preview/").status_code == 302
    assert draft.previews.latest("id").moved == 1


def test_a_slice_costs_few_queries(draft, cast, clock, django_assert_max_num_queries) -> None:
    for _ in range(30):
        begin(cast, clock)
    edit(draft, cast, clock)
    with django_assert_max_num_queries(12):
        services.preview_clock_table(draft, actor=cast.bureau, at=clock.at)


def test_a_paused_clock_takes_the_new_limit_when_it_runs_on(draft, cast, clock) -> None:
    row = begin(cast, clock)
    services.pause_clock(row, reason="等待鉴定", actor=cast.station_chief, at=clock.at)
    edit(draft, cast, clock)
    activate(draft, cast, clock)
    clock.advance(days=1)
    while clock_recount.run_slice(at=clock.at):
        pass
    assert Deadline.objects.get(pk=row.pk).limit == "3 working_days"
    services.resume_clock(row, actor=cast.station_chief, at=clock.at)
    moved = Deadline.objects.get(pk=row.pk)
    # five working days from 4 March, and the day it stood still
    assert (moved.limit, shown(moved.due_at)) == ("5 working_days", "2026-03-13T00:00")


# The ladder ------------------------------------------------------------------------------------------------

AFTER = {"red": 2, "extra_urgent": 2, "": 24, "naming": 72}


def edit_ladder(draft: ClockTable, cast: Any, clock: Any, **more: Any) -> ClockTable:
    given = {"after": AFTER, "waits": {"warned": ["rest_day"]}, "version": None, "actor": cast.bureau} | more
    return services.edit_ladder(draft, at=clock.at, **given)


def test_a_ladder_in_force_moves_the_next_rung_of_open_clocks(draft, cast, clock) -> None:
    clock.set("2026-03-05T10:00:00+08:00")
    row = begin(cast, clock)  # three working days: to Tuesday 24:00; half of it is on Sunday
    assert row.next_step_at is not None
    assert shown(row.next_step_at) == "2026-03-09T08:00"
    edit_ladder(draft, cast, clock, waits={})
    activate(draft, cast, clock)
    clock.advance(seconds=11)
    while clock_recount.run_slice(at=clock.at):
        pass
    moved = Deadline.objects.get(pk=row.pk)
    assert moved.next_step_at is not None
    assert (shown(moved.next_step_at), moved.due_at) == ("2026-03-08T05:00", row.due_at)
    assert not CaseEvent.objects.filter(kind="deadline.recounted").exists()


@pytest.mark.parametrize(("naming", "stands"), [(24, False), (25, True)])
def test_a_naming_comes_after_every_supervision(draft, cast, clock, naming: int, stands: bool) -> None:
    if stands:
        kept = edit_ladder(draft, cast, clock, after=AFTER | {"naming": naming})
        assert kept.content["ladder"]["naming_after"] == "25 hours"
        return
    with pytest.raises(Invalid) as refused:
        edit_ladder(draft, cast, clock, after=AFTER | {"naming": naming})
    assert refused.value.fields["naming"] == ["通报应晚于各类督办建议。"]


def test_the_ladder_by_form(draft, cast, clock) -> None:
    url = f"/clock-table/{draft.pk}/ladder/"
    page = cast.client(cast.bureau).get(url).content.decode()
    assert "休息日等到下一个工作日早晨" in page
    fields = {"red": "1", "extra_urgent": "2", "others": "24", "naming": "72", "waits_warned": ["night"]}
    assert post(cast, url, **fields | {"naming": "9"}).status_code == 422
    assert post(cast, url, **fields).status_code == 302
    version = cast.client(cast.bureau).get(f"/clock-table/{draft.pk}/").content.decode()
    assert "超时2小时 → <strong>超时1小时</strong>" in version
    assert "夜间等到次日早晨" in version
