"""What a replay found: old colour × new colour, the alerts behind each cell, how far it is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import GRAVITY
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Invalid, OutOfScope
from triage.engine import OUTSIDE
from triage.models import Replay, ReplayedAlert, RuleSet
from triage.selectors._matters import item_name

# The gravest first; the last are alerts without a colour: no dispute, or never assessed.
COLOURS: Final = ("red", "orange", "yellow", "blue", "")
NO_COLOUR: Final = "none"
UNDER_WAY: Final = (Replay.State.QUEUED, Replay.State.RUNNING)
# A slice takes a second: one that has not come back for two minutes has lost its worker.
SILENT_WITHIN: Final = timedelta(minutes=2)
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """How many alerts went from one colour to another; `move` is up, down or same."""

    old: str
    new: str
    count: int
    move: str

    @property
    def query(self) -> str:
        return f"old={self.old or NO_COLOUR}&new={self.new or NO_COLOUR}"


@dataclass(frozen=True, slots=True)
class Row:
    """One old colour with what became of it."""

    old: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Changes:
    """The table of a replay and the sums around it."""

    rows: tuple[Row, ...]
    totals: tuple[tuple[str, int], ...]
    total: int
    up: int
    down: int
    items: int
    now_disputes: int
    no_disputes: int

    @property
    def columns(self) -> tuple[str, ...]:
        return COLOURS


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a replay is: percent done, alerts a second, seconds left (None while nothing is known)."""

    percent: int
    a_second: int
    left: float | None


def replay_changes(replay: Replay) -> Changes:
    """What came out so far; one query over the replay's rows."""
    found = _grouped(Q(replay=replay)).get(replay.pk, [])
    return colour_table(found)


def colour_table(found: Iterable[dict[str, Any]]) -> Changes:
    """The table of groups `{old_colour, new_colour, count, items, now_disputes, no_disputes}`; no query."""
    groups = list(found)
    counts = {(group["old_colour"], group["new_colour"]): group["count"] for group in groups}
    rows = tuple(_row(old, counts) for old in COLOURS)
    cells = [cell for row in rows for cell in row.cells]
    return Changes(
        rows=rows,
        totals=tuple((new, sum(cell.count for cell in cells if cell.new == new)) for new in COLOURS),
        total=sum(cell.count for cell in cells),
        up=sum(cell.count for cell in cells if cell.move == "up"),
        down=sum(cell.count for cell in cells if cell.move == "down"),
        items=sum(group["items"] for group in groups),
        now_disputes=sum(group["now_disputes"] for group in groups),
        no_disputes=sum(group["no_disputes"] for group in groups),
    )


def _row(old: str, counts: dict[tuple[str, str], int]) -> Row:
    cells = tuple(Cell(old, new, counts.get((old, new), 0), _move(old, new)) for new in COLOURS)
    return Row(old, cells, sum(cell.count for cell in cells))


def _move(old: str, new: str) -> str:
    if GRAVITY[old] == GRAVITY[new]:
        return "same"
    return "up" if GRAVITY[new] > GRAVITY[old] else "down"


def _grouped(wanted: Q) -> dict[int, list[dict[str, Any]]]:
    """Counts by replay and pair of colours. An alert that was never assessed changed from nothing."""
    known = ~Q(old_item="") & ~Q(old_item=F("new_item"))
    rows = (
        ReplayedAlert.objects.filter(wanted)
        .order_by()
        .values("replay_id", "old_colour", "new_colour")
        .annotate(
            count=Count("id"),
            items=Count("id", filter=known),
            now_disputes=Count("id", filter=known & Q(old_item=OUTSIDE)),
            no_disputes=Count("id", filter=known & Q(new_item=OUTSIDE)),
        )
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["replay_id"], []).append(dict(row))
    return found


def cell_rows(
    replay: Replay, actor: PostActor, *, old: str, new: str, at: datetime
) -> QuerySet[ReplayedAlert]:
    """The alerts behind one cell on cases this post may see, the latest first; page them by `-id`.

    Colours as the address has them, "none" for no colour. Raises Invalid (400) for any other word.
    """
    rows = ReplayedAlert.objects.filter(
        replay=replay, old_colour=_colour(old), new_colour=_colour(new),
        alert__case__in=visible_to(actor, at=at),
    )  # fmt: skip
    return rows.select_related("alert__case", "alert__station").defer("alert__narrative").order_by("-id")


def with_names(rows: list[ReplayedAlert]) -> list[ReplayedAlert]:
    """The rows with `old_name` and `new_name`, the matters as people know them; no query."""
    for row in rows:
        row.old_name = item_name(row.old_item) or "未研判"  # type: ignore[attr-defined]
        row.new_name = item_name(row.new_item)  # type: ignore[attr-defined]
    return rows


def _colour(word: str) -> str:
    colour = "" if word == NO_COLOUR else word
    if colour not in COLOURS or not word:
        raise Invalid("没有这种预警色，请从对照表进入。", code="bad_colour", status=400)
    return colour


def replay_pace(replay: Replay) -> Pace:
    """How far it is; no query."""
    percent = replay.done * 100 // replay.total if replay.total else 100
    if not replay.done or replay.started_at is None or replay.beat_at is None:
        return Pace(percent, 0, None)
    spent = max((replay.beat_at - replay.started_at).total_seconds(), replay.seconds_spent)
    rate = replay.done / max(spent, 0.001)
    return Pace(percent, round(rate), max(replay.total - replay.done, 0) / rate)


def duration_text(seconds: float) -> str:
    """ "不到1分钟", "约3分钟", "约1小时20分": rounded up, for an estimate."""
    minutes = math.ceil(seconds / 60)
    if seconds < 60:
        return "不到1分钟"
    hours, left = divmod(minutes, 60)
    if not hours:
        return f"约{minutes}分钟"
    return f"约{hours}小时{left}分" if left else f"约{hours}小时"


def get_replay(replay_id: int) -> Replay:
    """One replay with its rule set; OutOfScope (404) when unknown. Rules are the deployment's, of no unit."""
    found = _replays().filter(pk=replay_id).first()
    if found is None:
        raise OutOfScope("没有找到该次试算。")
    return found


def get_rules_to_try(rule_set_id: int) -> RuleSet:
    """One version without its content; OutOfScope (404) when unknown."""
    found = RuleSet.objects.defer("content").filter(pk=rule_set_id).first()
    if found is None:
        raise OutOfScope("没有找到该规则版本。")
    return found


def last_replays(rule_set: RuleSet) -> list[Replay]:
    """The last five replays of a version, newest first, each with its `changes`; two queries."""
    found = list(_replays().filter(rule_set=rule_set).order_by("-id")[:SHOWN])
    groups = _grouped(Q(replay__in=[replay.pk for replay in found])) if found else {}
    for replay in found:
        replay.changes = colour_table(groups.get(replay.pk, []))  # type: ignore[attr-defined]
    return found


def _replays() -> QuerySet[Replay]:
    return Replay.objects.select_related("rule_set", "requested_by").defer("rule_set__content")


def silent_replays(at: datetime) -> list[int]:
    """Replays under way whose worker has not been heard of for two minutes; for the sweep."""
    silent = Replay.objects.filter(state__in=UNDER_WAY, beat_at__lte=at - SILENT_WITHIN)
    return list(silent.order_by("id").values_list("pk", flat=True))
