"""What leaves the police side: masks to market supervision, a truck to three houses, a deposit diverted."""

from __future__ import annotations

import json
from typing import Any

from dispute_hub.accounts.models import Line, Role, Unit, UnitKind
from tests.journeys.story import Dispute, Town, person

REPORT = {
    "facts": "双方因商品质量和退换发生争执。",
    "causes": "商家拒绝退换已拆封商品。",
    "risk": "双方情绪平稳，无升级迹象。",
    "work_done": "民警到场劝说一次，未谈拢。",
    "suggestions": "建议由市场监管部门牵头处理消费纠纷。",
}


def test_masks_that_tear_go_to_market_supervision_the_same_day(town: Town) -> None:
    """五盒口罩一拉就断不给换；当场未化解，当日三推到市场监管局，退款，核查双方，回访办结。"""
    market = town.market_supervision()
    town.it_is("2026-02-03 14:05")
    masks = town.call_110(
        "报警人说在尤某店里买了五盒口罩，打开发现耳带一拉就断，布面有污点，想换一批，店家说拆封了不换也不退，"
        "双方讲不拢，请民警来评评理。",
        caller=person("尹秀英", "13905790601"),
        against=person("尤老板", "13905790602"),
    )
    assert (masks.colour, masks.reply["item"]["code"], masks.factors) == ("blue", "N0401", set())
    masks.handled_on_scene("unsettled", "劝说双方，店家坚持不退换。")

    order = masks.third_push(grade="normal", difficulty="simple", report=REPORT, lead=market)
    assert masks.status == "review"
    order.act("station_command", "approve", expect=403)
    order.act("station_chief", "approve")
    assert masks.status == "joint"

    before = json.dumps(order.packet("centre"), ensure_ascii=False)
    assert "尹秀英" not in before
    assert "13905790601" not in before
    order.act("centre", "accept")
    assert "尹秀英" in json.dumps(order.packet("centre"), ensure_ascii=False)
    order.act("centre", "assign", {"lead_unit": market.code, "assisting_units": []})
    assert town.clock.at.astimezone().date() == masks.case.opened_at.astimezone().date(), "the same day"

    town.days_later(1)
    order.act("market_supervisor", "feedback", {"text": "现场查验口罩不合格，责令退款并下架。"})
    order.tasks_done({market.code: ("market_supervisor", "已责令退款并下架。")})
    order.act("centre", "settle", {"how": "oral_agreement", "text": "店家当场退款，双方无异议。"})
    assert masks.status == "verifying"
    order.verified("分别电话联系双方，退款属实。", "店家已退款", "已经退了")
    assert masks.status == "settled"
    masks.followed_up_to_the_end("community_officer")
    assert masks.status == "closed"


def test_a_truck_an_eave_and_thirty_thousand_yuan(town: Town) -> None:
    """货车刮掉挑梁外墙，交警调过没谈拢；三推到司法所牵头、法庭协助，三方调解三万元协议，申请司法确认，办结。"""
    judicial = town.joined_by(
        "judicial_office",
        Role.DEPARTMENT,
        "330784-XZ-SFS",
        "象珠司法所",
        Line.MEDIATION,
        UnitKind.MEDIATION_ORG,
    )
    court = town.joined_by(
        "court", Role.DEPARTMENT, "330784-XZ-FT", "象珠人民法庭", Line.MEDIATION, UnitKind.MEDIATION_ORG
    )
    town.it_is("2026-01-08 10:26")
    truck = town.call_110(
        "报警人说自家二楼挑梁外墙角被一辆路过的货车车顶刮掉一大块，交警认定司机全责，修补费用交警调解过一次没谈拢，"
        "司机要把车开走，报警人不同意，要求民警到场。",
        caller=person("傅桂兰", "13905790701"),
        against=person("姚师傅", "13905790702"),
    )
    assert (truck.colour, truck.reply["item"]["code"]) == ("yellow", "N1202")
    assert {"property_damage", "failed_mediation"} <= truck.factors
    truck.handled_on_scene("unsettled", "货车暂扣交警停车场，双方对修补费用差距大。")

    agreed = agreed_on_thirty_thousand(town, truck, judicial, court)
    assert agreed["total_amount"] == "30000.00"
    assert agreed["confirm_due_on"], "thirty days for the court's confirmation"
    assert truck.status == "settled"
    paid_in_two_instalments(town, agreed["no"])
    truck.followed_up_to_the_end("mediator", satisfaction="very")
    assert truck.status == "closed"


def agreed_on_thirty_thousand(town: Town, truck: Dispute, judicial: Unit, court: Unit) -> dict[str, Any]:
    """The order to the centre, two houses at one table, the agreement, and both parties asked."""
    report = {
        **REPORT,
        "facts": "货车刮损民房挑梁，司机全责。",
        "suggestions": "建议司法所牵头，法庭和派出所参加联调。",
    }
    order = truck.third_push(
        grade="urgent", difficulty="general", report=report, lead=judicial, assisting=[court]
    )
    order.act("station_chief", "approve")
    order.act("centre", "accept")
    order.act("centre", "assign", {"lead_unit": judicial.code, "assisting_units": [court.code]})
    for who, said in (("judicial_office", "已约双方十日下午联调。"), ("court", "指派法官到场释明损失计算。")):
        order.act(who, "feedback", {"text": said})

    mediator = town.mediator_of_the_pool()
    page = truck.session_planned("2026-01-10 14:00", "象珠司法所", by="centre", mediator=mediator)
    town.it_is("2026-01-10 16:00")
    town.submit("mediator", page, {
        "attendance": "双方当事人、司法所、法庭、派出所",
        "record": "法官说明损失计算办法，双方同意按三万元赔付，分两期。", "result": "agreed",
    })  # fmt: skip
    agreed = truck.agreement(
        "mediator",
        "货车刮损傅桂兰房屋挑梁外墙，司机负全部责任。",
        ["姚师傅赔偿修补费三万元。", "付清前车辆由姚师傅提供担保后放行。"],
        items=[
            {"what": "首付修补费", "amount": "10000.00", "due_on": "2026-01-12"},
            {"what": "付清余款", "amount": "20000.00", "due_on": "2026-01-20"},
        ],
        total_amount="30000.00",
    )
    assert truck.status == "joint", "an agreement of a joint case is verified with both parties first"
    done = {judicial.code: ("judicial_office", "已签订协议。"), court.code: ("court", "已释明损失。")}
    order.tasks_done(done)
    order.act("centre", "settle", {"how": "agreement", "text": "签订三万元协议。"})
    town.it_is("2026-01-12 10:00")
    order.verified("双方确认协议内容，首期已付。", "收到首期", "已付首期")
    return agreed


def paid_in_two_instalments(town: Town, agreement_no: str) -> None:
    """Both instalments with their proof, and the court's confirmation applied for."""
    item = f"/agreements/{agreement_no}/items"
    town.submit("mediator", f"{item}/1/", {"performed": "yes", "proof": "收条一张"})
    applied = {"outcome": "applied", "text": "象珠人民法庭受理"}
    town.submit("mediator", f"/agreements/{agreement_no}/confirmation/", applied)
    town.it_is("2026-01-20 10:00")
    town.submit("mediator", f"{item}/2/", {"performed": "yes", "proof": "银行转账记录"})
    paper = town.page("mediator", f"/agreements/{agreement_no}/print/")
    assert "叁万元整" in paper


def test_a_student_asks_for_a_deposit_of_six_hundred_yuan(town: Town) -> None:
    """寒假工押金不退来电咨询；蓝色非警务，出警民警一键分流到人社局并移交告知，退款，核查，办结。"""
    labour = town.cast.units.department
    town.it_is("2026-03-04 11:08")
    deposit = town.call_110(
        "学生窦某反映，寒假通过一家劳务公司进厂打工，交了600元押金，做满二十天后离开，公司说没做够一个月押金不退，"
        "来电咨询怎么办。",
        caller=person("窦小雨", "13905790801"),
        against=person("顺通劳务公司", "13905790802"),
    )
    assert (deposit.colour, deposit.reply["item"]["code"]) == ("blue", "N0606")
    assert deposit.reply["side"] == "non_police"
    push = f"pushes/{deposit.reply['push']['id']}"
    town.post("officer", f"{push}/sign/")
    order = deposit.diverted(to=labour, reason="劳务押金纠纷，属劳动监察职责。")
    assert deposit.status == "joint"
    assert "窦小雨" not in json.dumps(order.packet("department"), ensure_ascii=False)

    town.clock.advance(minutes=20)
    order.act("department", "accept")
    town.days_later(2)
    order.act("department", "feedback", {"text": "约谈劳务公司，押金收取无依据。"})
    order.act("department", "settle", {"how": "oral_agreement", "text": "公司当场退还600元押金。"})
    order.verified("学生确认收到押金，公司无异议。", "押金收到了", "没有异议")
    assert deposit.status == "settled"
    deposit.followed_up_to_the_end("community_officer")
    assert deposit.status == "closed"
