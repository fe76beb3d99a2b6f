"""What the addresses of lists ask for, read strictly: an unknown value is refused, never ignored."""

from __future__ import annotations

from typing import Any, Final

from dispute_hub.cases.models import Colour, Level, Status
from dispute_hub.common.errors import Invalid
from dispute_hub.common.paging import single_param
from dispute_hub.common.text import clean_text
from dispute_hub.common.time import parse_instant
from reports.selectors import CaseFilter

CHOICES: Final[dict[str, tuple[str, list[tuple[str, str]]]]] = {
    "status": ("状态", list(Status.choices)),
    "colour": ("预警色", list(Colour.choices)),
    "level": ("风险等级", list(Level.choices)),
}
# What stays on the police side is no filter for others: it would answer by what is left.
POLICE_ONLY: Final = ("colour", "level")


def read_filter(request: Any, *, is_outside: bool) -> CaseFilter:
    """The filter an address asks for. Raises Invalid (400) for a value nobody offered."""
    given = {name: single_param(request, name) or "" for name in (*CHOICES, "station", "item", "q")}
    for name, (label, choices) in CHOICES.items():
        if given[name] and (given[name] not in dict(choices) or (is_outside and name in POLICE_ONLY)):
            raise Invalid(
                f"筛选条件“{label}”的值无效，请从列表中选择。", code="bad_filter",
                fields={name: ["请从列表中选择。"]}, status=400,
            )  # fmt: skip
    since = single_param(request, "updated_since")
    for name in ("station", "item", "q"):
        given[name] = clean_text(given[name], field=name, max_length=100, single_line=True)
    return CaseFilter(**given, updated_since=_instant(since) if since else None)


def _instant(text: str) -> Any:
    try:
        # A plus that nobody quoted arrives as a blank.
        return parse_instant(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except Invalid as refusal:
        raise Invalid(refusal.message, code=refusal.code, status=400) from refusal


def filters_of(wanted: CaseFilter, *, is_outside: bool, stations: list[Any], items: list[Any]) -> list[Any]:
    """The filter bar of the case list."""
    shown = [name for name in CHOICES if not (is_outside and name in POLICE_ONLY)]
    bar: list[dict[str, Any]] = [
        {"name": name, "label": CHOICES[name][0], "choices": CHOICES[name][1], "value": getattr(wanted, name)}
        for name in shown
    ]
    if len(stations) > 1:
        choices = [(unit.code, str(unit)) for unit in stations]
        bar.append({"name": "station", "label": "派出所", "choices": choices, "value": wanted.station})
    bar.append({"name": "item", "label": "事项", "choices": items, "value": wanted.item})
    bar.append({"name": "q", "label": "关键词", "type": "search", "value": wanted.q})
    return bar


def read_party(request: Any) -> int:
    """The party an address names; 0, which nobody has, for anything else."""
    text = single_param(request, "party") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
