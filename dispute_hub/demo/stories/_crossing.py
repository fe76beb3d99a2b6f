"""What crosses the line between police and centres: diversions the desk proposes, counter-orders."""

from __future__ import annotations

from datetime import timedelta

from dispute_hub.demo.stage import Received, Stage
from dispute_hub.demo.stories._orders import lead_of
from dispute_hub.demo.timeline import Story
from routing import services as routing

SHOWN_TO_POLICE = (
    "调解中发现一方当事人反映此前被对方推搡致轻微擦伤，请派出所核实是否需要受案处理。",
    "网格巡查发现出租房内疑似有人聚众赌博，晚间人员进出频繁，请派出所核查。",
)


def diversion_asked(stage: Stage, got: Received) -> Story:
    """The dispatcher proposes to divert; the duty commander has yet to decide."""
    at = yield stage.minutes(0.5, 1)
    desk = stage.one("dispatcher", stage.unit("110"))
    told = routing.Diversion(target=lead_of(stage, got.case), reason=stage.word("divert_reason"))
    routing.propose_diversion(got.case, told, actor=desk, at=at)


def countered(stage: Stage, *, number: int, answered: bool) -> Story:
    """The street centre hands a police matter to the station, which has signed and answered, or not yet."""
    at = yield timedelta(0)
    draft = routing.CounterDraft(
        text=SHOWN_TO_POLICE[number], station=stage.unit("XZ"), address=f"象珠镇象珠一村{number + 31}号"
    )
    centre = stage.one("centre", stage.unit("XZ-ZZ"))
    order = routing.send_counter_order(draft, actor=centre, at=at)
    if not answered:
        return
    station = stage.one("station_command", stage.unit("XZ"))
    at = yield stage.in_office(at + stage.hours(0.5, 3))
    routing.accept_counter_order(order, actor=station, at=at)
    at = yield stage.in_office(at + stage.hours(20, 30))
    routing.answer_counter_order(
        order, text="已核实，双方仅有推搡，已批评教育并告知权利。", actor=station, at=at
    )
