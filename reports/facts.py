"""Every figure of the board, declared once: what is counted, on which day, with its base.

The board counts with these declarations and the list behind a number is read with the same ones, so a
count always equals its rows. Source: the figures and their bases in section 11 of the domain handbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Model

from dispute_hub.cases.models import Colour
from reports import fact_rows as rows
from reports.fact_rows import Rows
from routing.models import Push

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One count. `rows` gives the things counted, `day` the instant that puts them on a day.

    `station` and `case` are the paths from a row to its station and its case.
    """

    code: str
    name: str
    base: str
    rows: Rows
    day: str
    station: str = "case__station"
    case: str = "case"

    @property
    def model(self) -> type[Model]:
        """What its rows are."""
        return self.rows(EPOCH).model


@dataclass(frozen=True, slots=True)
class RateSpec:
    """One rate: two counts of the same period."""

    code: str
    name: str
    top: str
    bottom: str
    base: str


_ALERT: dict[str, str] = {"day": "received_at", "station": "station"}
_VISIT: dict[str, str] = {"case": "follow_up__case", "station": "follow_up__case__station"}

FACTS: Final[dict[str, FactSpec]] = {
    spec.code: spec
    for spec in (
        FactSpec("alerts", "警情", "期内接报的全部警情，按接报时间", rows.alerts, **_ALERT),
        FactSpec(
            "disputes", "纠纷警情", "研判为纠纷且未被确认为非纠纷、无效的警情", rows.dispute_alerts, **_ALERT
        ),
        FactSpec("non_police", "非警务纠纷警情", "纠纷警情中事项属非警务类的", rows.non_police, **_ALERT),
        FactSpec(
            "diverted_non_police",
            "已分流的非警务警情",
            "非警务纠纷警情中已分流且未被退回的",
            rows.diverted_non_police,
            **_ALERT,
        ),
        FactSpec(
            "diverted", "已分流的纠纷警情", "纠纷警情中已分流且未被退回的", rows.diverted_disputes, **_ALERT
        ),
        FactSpec("repeated", "重复警情", "同一纠纷90天内有两次及以上警情的纠纷警情", rows.repeated, **_ALERT),
        *(
            FactSpec(
                f"alerts_{colour.value}",
                f"{colour.label}色纠纷警情",
                f"案件当前预警色为{colour.label}的纠纷警情",
                rows.of_colour(colour.value),
                **_ALERT,
            )
            for colour in Colour
        ),
        FactSpec(
            "new",
            "新增纠纷",
            "期内立案的纠纷，不含非纠纷、无效和已并入",
            rows.new_cases,
            "opened_at",
            "station",
            "pk",
        ),
        FactSpec("pushed", "推送纠纷", "期内首次推送的纠纷，一案一次，按推送时间", rows.pushed, "issued_at"),
        FactSpec(
            "resolved",
            "化解",
            "推送纠纷中已化解的（书面协议、口头协议、当场化解）",
            rows.resolved,
            "issued_at",
        ),
        FactSpec("concluded", "办结", "推送纠纷中已终结的（全部终结方式）", rows.concluded, "issued_at"),
        FactSpec("verified", "经回访核实化解", "已化解且已完成的回访均无反复", rows.verified, "issued_at"),
        FactSpec("handled", "处警反馈", "期内已反馈的纠纷处警", rows.handled, "reported_at"),
        FactSpec(
            "handled_on_scene",
            "现场处结",
            "反馈为当场化解且7日内未进入二推的处警",
            rows.handled_on_scene,
            "reported_at",
        ),
        FactSpec("clocks_due", "到期时限", "期内到期的各类时限，不含已终止的", rows.due_clocks, "due_at"),
        FactSpec("clocks_on_time", "按时办结时限", "期内到期且在到期前办结的时限", rows.on_time, "due_at"),
        FactSpec("visits_due", "应回访", "期内到期的回访，不含免访", rows.visits_due, "due_at"),
        FactSpec("visits_done", "按时回访", "期内到期且按时完成的回访", rows.visits_done, "due_at"),
        FactSpec(
            "answers", "有效评价", "期内回访中作出满意度评价的一方", rows.answers, "answered_at", **_VISIT
        ),
        FactSpec("content", "满意评价", "很满意和基本满意", rows.content, "answered_at", **_VISIT),
        FactSpec("push_first", "一推送", "期内下发的一推送", rows.pushes_of(Push.Tier.FIRST), "issued_at"),
        FactSpec("push_second", "二推送", "期内下发的二推送", rows.pushes_of(Push.Tier.SECOND), "issued_at"),
        FactSpec("push_third", "三推送", "期内送出的三推交办单", rows.third_pushes, "sent_at"),
    )
}

RATES: Final[dict[str, RateSpec]] = {
    rate.code: rate
    for rate in (
        RateSpec(
            "resolved_rate",
            "化解率",
            "resolved",
            "pushed",
            "化解（前三种方式）÷ 期内推送的纠纷（按推送时间）",
        ),
        RateSpec(
            "concluded_rate", "办结率", "concluded", "pushed", "全部终结方式 ÷ 期内推送的纠纷（按推送时间）"
        ),
        RateSpec(
            "verified_rate", "经回访核实化解率", "verified", "pushed", "回访核实的化解 ÷ 期内推送的纠纷"
        ),
        RateSpec("on_time_rate", "按时办结率", "clocks_on_time", "clocks_due", "按时办结 ÷ 期内到期的时限"),
        RateSpec(
            "repeat_rate", "重复报警率", "repeated", "disputes", "90天内两次及以上的纠纷警情 ÷ 纠纷警情"
        ),
        RateSpec(
            "scene_rate",
            "现场处结率",
            "handled_on_scene",
            "handled",
            "当场化解且7日内未进入二推 ÷ 已反馈的纠纷处警",
        ),
        RateSpec(
            "non_police_diverted_rate",
            "非警务分流率",
            "diverted_non_police",
            "non_police",
            "已分流 ÷ 非警务纠纷警情",
        ),
        RateSpec("diverted_rate", "纠纷分流率", "diverted", "disputes", "已分流 ÷ 全部纠纷警情"),
        RateSpec(
            "visit_rate", "回访率", "visits_done", "visits_due", "按时完成 ÷ 期内到期的回访（免访除外）"
        ),
        RateSpec("content_rate", "满意率", "content", "answers", "很满意和基本满意 ÷ 有效评价"),
    )
}

# Counted over a day, week or month as a whole: a dispute that stays open is due on every one of its days.
SPAN_FIGURES: Final[dict[str, tuple[str, str]]] = {
    "due": ("应清", "期初未清的纠纷加期内新增（含化解后再起）"),
    "cleared": ("已清", "应清中到期末已化解，或已依法移交并被签收，或已列入会商且有责任单位和期限"),
    "left": ("未清", "应清中到期末仍未清的"),
}
