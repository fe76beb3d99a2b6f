"""What the crew settles: noise above, a car whose fault comes back, and two who meet again with a knife."""

from __future__ import annotations

from typing import Any

from tests.journeys.story import Dispute, Town, person


def test_noise_at_seven_in_the_morning_is_settled_on_the_scene(town: Town) -> None:
    """楼上清早砸墙，两人推搡；民警当场说和，十四天后电话回访，自动办结。"""
    town.it_is("2026-03-01 07:12")
    noise = town.call_110(
        "报警人反映楼上不到七点就开始砸墙装修，上门理论时与户主在门口互相推搡，没有人受伤，邻居已劝开，请民警处理。",
        caller=person("应小芬", "13905790101"),
        against=person("胡建明", "13905790102"),
    )
    assert noise.reply["item"]["code"] == "N1301"
    assert (noise.colour, noise.factors) == ("yellow", {"physical_contact"})
    assert "砸墙" in town.page("officer", "/pushes/")

    noise.handled_on_scene(
        "settled", "原因：装修扰民。经过：双方推搡。处置：批评教育。结果：约定八点后施工，双方和好。"
    )
    assert noise.status == "settled"
    assert [push["tier"] for push in pushes(noise)] == [1], "settled on the scene: nobody is troubled again"

    assert noise.followed_up_to_the_end("station_command", satisfaction="very") == 1
    assert noise.status == "closed"
    assert noise.timeline()[-1] == "case.closed"


def test_a_new_car_repaired_once_more_and_the_lamp_is_on_again(town: Town) -> None:
    """新车亮故障灯，店里答应再修，当场谈妥；回访时灯又亮了，案件重新跟踪，换总成后才真正办结。"""
    town.it_is("2026-02-11 16:32")
    car = town.call_110(
        "任某来电，上个月在4S店买的新车花了13万多，开了不到四百公里就亮故障灯，修过一次还是一样，"
        "要求换车，经理只肯再修，双方在展厅争吵。",
        caller=person("任海波", "13905790201"),
        against=person("吕经理", "13905790202"),
    )
    assert (car.colour, car.reply["item"]["code"]) == ("yellow", "N0405")
    car.handled_on_scene("settled", "双方同意再检修一次并延长质保，当场谈妥。")
    assert car.status == "settled"

    town.days_later(10)
    told = car.visited(
        "station_command", result_kept=False, agreement_performed=False, text="修好三天后故障灯又亮。"
    )
    assert told["case_status"] == "tracking"
    assert car.status == "tracking", "a relapse takes the settlement back at once"
    assert "case.settled" in car.timeline()

    town.days_later(1, hour=8)
    assert "二推送" in town.notices("community_officer"), "the morning sheet brought push 2"
    car.second_push_signed()
    car.contacted("双方约定到厂家检测。")
    car.settled("oral_agreement", "厂家检测后更换变速箱总成，双方满意。")
    assert car.followed_up_to_the_end("community_officer") == 1
    assert car.status == "closed"


def test_settled_at_ten_past_eight_the_same_two_with_a_knife_at_twenty_to_eleven(town: Town) -> None:
    """回头架：20:10处置完，22:40同样的两个人又打起来，一人拿刀；秒级红色一推，不立新案。"""
    caller, other = person("卢大勇", "13905790301"), person("卢小军", "13905790302")
    town.it_is("2026-03-04 19:26")
    first = town.call_110(
        "报警人称与同村人因停车挡道发生口角，双方互相推了几下，无人受伤。", caller=caller, against=other
    )
    first.handled_on_scene("settled", "原因：停车挡道。处置：双方各退一步，握手言和，各自回家。")
    assert (first.status, f"{town.clock.at.astimezone():%M}") == ("settled", "10")

    town.it_is("2026-03-04 22:40")
    again = town.call_110(
        "刚才那个人又来了，手里拿着菜刀，扬言要砍死我，快来人。", caller=caller, against=other
    )
    assert again.case_no == first.case_no, "the same dispute, not a new one"
    assert again.reply["repeat"]["attached"]
    assert (again.reply["colour"], again.status) == ("red", "tracking")
    assert again.reply["push"]["id"] != first.reply["push"]["id"]
    assert "20:10刚处置过，双方可能返回" in town.page("officer", "/pushes/")
    assert "红色一推送" in town.notices("officer")
    assert "回流警情" in town.notices("station_chief"), "the duty leader gets a copy"

    again.handled_on_scene("case_filed", "当场夺下菜刀，无人受伤，持刀人带回，受案调查。", minutes=20)
    again.second_push_signed(by="station_chief")
    town.it_is("2026-03-05 09:00")
    again.contacted("分别约谈双方及家属，情绪已平稳。")
    decided = {"step": "decided", "kind": "administrative", "decision": "penalty", "text": "行政拘留五日。"}
    again.act("community_officer", "case-files", decided)
    town.days_later(6)
    again.settled("penalty", "持刀人被依法处罚，双方在村干部见证下互相道歉。")
    assert again.followed_up_to_the_end("community_officer", mode="visit") == 4
    again.closing_approved()
    assert again.status == "closed"


def pushes(dispute: Dispute) -> list[dict[str, Any]]:
    return list(dispute.case.pushes.order_by("id").values("tier", "status"))
