"""Where a case stood from when on: every look of the engine with its cause, people's word beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dispute_hub.cases.models import GRAVITY, Case, Colour
from dispute_hub.common.time import BEIJING
from triage.models import Assessment, Regrade

# What made the engine look, as the officer calls it.
CAUSES: Final[dict[str, str]] = {
    "alert.received": "接警",
    "alert.repeated": "再次报警",
    "alert.amended": "续报或更正",
    "push.reported": "现场处置反馈",
    "case.contacted": "联系当事人",
    "case_file.accepted": "受案(立案)",
    "case_file.detained": "拘留",
    "case_file.released": "释放",
    "case_file.decided": "作出处理决定",
    "mediation.failed": "调解未果",
    "agreement.breached": "协议违约",
    "follow_up.missed": "回访逾期",
    "follow_up.answered_badly": "回访异常",
    "deadline.wait_expired": "约定期限已过",
}
BY_RULES: Final = "规则复核"
NAMES: Final = ("蓝", "黄", "橙", "红")


@dataclass(frozen=True, slots=True)
class ColourStep:
    """One look at a case: it stood at `colour` from `at` on; `said` is the sentence or reason behind it.

    `engine_colour` is the engine's view at that moment, beside what a person set where `by_person`.
    """

    at: datetime
    colour: str
    said: str
    by_person: bool
    cause: str
    engine_colour: str

    @property
    def differs(self) -> bool:
        """Whether the case stands elsewhere than the engine would have it."""
        return bool(self.engine_colour) and self.engine_colour != self.colour


def looks(case: Case) -> list[ColourStep]:
    """Every assessment and every colour set by a person, oldest first; two queries."""
    made = Assessment.objects.filter(case=case).values_list(
        "made_at", "id", "case_colour", "sentence", "cause__kind", "colour"
    )
    set_by_people = Regrade.objects.filter(
        case=case, kind=Regrade.Kind.COLOUR, status=Regrade.Status.APPROVED
    ).values_list("decided_at", "id", "to_value", "reason", "is_lowering", "engine_colour")
    found = [
        ((at, 0, pk), ColourStep(at, colour, said, False, CAUSES.get(kind or "", BY_RULES), engine))
        for at, pk, colour, said, kind, engine in made
    ]
    found += [
        ((at, 1, pk), ColourStep(at, colour, said, True, "人工降低" if lowers else "人工升高", engine))
        for at, pk, colour, said, lowers, engine in set_by_people
        if at is not None
    ]
    return [step for _, step in sorted(found, key=lambda one: one[0]) if step.colour]


def colour_history(case: Case) -> list[ColourStep]:
    """The looks that changed the colour, and those of people, oldest first; two queries."""
    steps: list[ColourStep] = []
    for step in looks(case):
        if step.by_person or not steps or steps[-1].colour != step.colour:
            steps.append(step)
    return steps


def colour_chart(steps: list[ColourStep]) -> dict[str, Any]:
    """The step chart of a colour history as an ECharts option (JSON, no functions).

    The line is where the case stood; diamonds are words of people, hollow circles the engine's view
    beside them.
    """
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText", "formatter": "{b}", "confine": True},
        "legend": {"top": 0, "right": 0, "itemWidth": 12, "itemHeight": 8, "textStyle": {"fontSize": 10}},
        "grid": {"left": 28, "right": 14, "top": 24, "bottom": 22},
        "xAxis": {"type": "time", "splitNumber": 3, "axisLabel": {"fontSize": 10, "hideOverlap": True}},
        "yAxis": {"type": "category", "data": list(NAMES), "axisLabel": {"interval": 0, "fontSize": 10}},
        "series": [
            {"type": "line", "step": "end", "name": "预警色", "symbolSize": 6, "data": _points(steps)},
            {
                "type": "scatter", "name": "人工", "symbol": "diamond", "symbolSize": 11,
                "data": _points(step for step in steps if step.by_person),
            },
            {
                "type": "scatter", "name": "系统研判", "symbol": "emptyCircle", "symbolSize": 9,
                "data": _points((step for step in steps if step.differs), of_engine=True),
            },
        ],
    }  # fmt: skip


def _points(steps: Iterable[ColourStep], *, of_engine: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "name": _told(step, step.engine_colour if of_engine else step.colour, of_engine=of_engine),
            "value": [
                step.at.isoformat(),
                GRAVITY[step.engine_colour if of_engine else step.colour] - 1,
            ],
        }
        for step in steps
    ]


def _told(step: ColourStep, colour: str, *, of_engine: bool) -> str:
    who = "系统研判" if of_engine else step.cause
    return f"{step.at.astimezone(BEIJING):%m-%d %H:%M} {Colour(colour).label} {who}"
