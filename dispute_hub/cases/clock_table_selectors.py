"""The clock table as its pages show it: versions, one version by clock, what differs, what would move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import clock_bounds, clock_table, quiet_hours
from dispute_hub.cases.clock_selectors import limit_words
from dispute_hub.cases.models import ClockTable, Colour, TablePreview
from dispute_hub.common.errors import OutOfScope

Status = ClockTable.Status
KEYS = {**dict(Colour.choices), "extra_urgent": "特急", "urgent": "紧急", "normal": "平急", "": "全部"}


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of a version: its limits by colour or grade in words."""

    kind: str
    name: str
    limits: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One limit that two versions say otherwise."""

    name: str
    key: str
    old: str
    new: str


def versions() -> QuerySet[ClockTable]:
    """Every version, the newest first."""
    return ClockTable.objects.select_related("author", "activated_by").order_by("-version")


def get_version(table_id: int) -> ClockTable:
    """One version; OutOfScope when there is none."""
    row = ClockTable.objects.select_related("author", "activated_by", "based_on").filter(pk=table_id).first()
    if row is None:
        raise OutOfScope("没有找到该版本。")
    return row


def clock_rows(content: dict[str, Any]) -> list[ClockRow]:
    """The clocks that have limits, with whether each is a safety clock."""
    return [
        ClockRow(
            kind,
            clock["name"],
            [
                (KEYS.get(key, key), limit_words(limit), clock_table.is_safety(kind, key))
                for key, limit in in_order(clock["limits"])
            ],
        )
        for kind, clock in sorted(content["clocks"].items(), key=lambda pair: _place(pair[0]))
        if clock["limits"]
    ]


def in_order(limits: Mapping[str, str]) -> list[tuple[str, str]]:
    """Limits from the gravest colour or grade down; the database keeps no order of keys."""
    known = list(KEYS)
    return sorted(limits.items(), key=lambda pair: known.index(pair[0]) if pair[0] in known else len(known))


def _place(kind: str) -> int:
    """Where the handbook has this clock."""
    known = list(clock_table.packaged()["clocks"])
    return known.index(kind) if kind in known else len(known)


def diff(old: ClockTable | None, new: ClockTable) -> list[Difference]:
    """What a version says otherwise than another."""
    if old is None:
        return []
    return [
        Difference(
            new.content["clocks"][kind]["name"],
            KEYS.get(key, key),
            limit_words(was) if was else "无",
            limit_words(now),
        )
        for kind, key, was, now in clock_table.differences(old.content, new.content)
    ] + _ladder_diff(clock_table.completed(old.content), new.content)


def _ladder_diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What two versions say otherwise of the ladder."""
    rows = zip(ladder_rows(old), ladder_rows(new), strict=True)
    return [Difference(now[0], "", was[1], now[1]) for was, now in rows if was != now]


def ladder_rows(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The ladder in words: after how long people are asked to act, and which rungs wait for what."""
    rules = clock_table.completed(content)["ladder"]
    rows = [
        (f"建议督办 · {KEYS[key] if key else '其他'}", f"超时{limit_words(limit)}")
        for key, limit in in_order(rules["supervise_after"])
    ]
    rows.append(("建议通报", f"超时{limit_words(rules['naming_after'])}"))
    waits = rules["quiet"]["waits"]
    return rows + [
        (f"静默 · {name}", "，".join(quiet_hours.WAITS[one] for one in waits.get(code, ())) or "不等待")
        for code, name in quiet_hours.STEPS.items()
    ]


def ladder_initial(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of the ladder starts from."""
    rules = clock_table.completed(content)["ladder"]
    spans = {**rules["supervise_after"], "naming": rules["naming_after"]}
    hours = {key or "others": int(float(limit.split()[0])) for key, limit in spans.items()}
    return hours | {f"waits_{code}": waits for code, waits in rules["quiet"]["waits"].items()}


def preview(shown: ClockTable) -> TablePreview | None:
    """What a draft would move, as far as it is counted; None for a version that is no draft."""
    return shown.previews.order_by("-id").first() if shown.status == Status.DRAFT else None


def acts(shown: ClockTable, actor: PostActor) -> set[str]:
    """What this person may do with the version now."""
    if shown.status != Status.DRAFT:
        return {"draft"}
    return {"edit", "discard"} | (set() if actor.user.pk in shown.editors else {"activate"})


def form_parts(shown: ClockTable, kind: str) -> dict[str, Any]:
    """Limits, names and allowed units of one clock for its form. OutOfScope for an unknown one."""
    clock = shown.content["clocks"].get(kind)
    if clock is None or not clock["limits"]:
        raise OutOfScope("时限表没有这一项。")
    limits = dict(in_order(clock["limits"]))
    return {
        "limits": limits,
        "names": {key: KEYS.get(key, key) for key in limits},
        "units": {
            key: clock_bounds.units_for(kind, safety=clock_table.is_safety(kind, key)) for key in limits
        },
    }
