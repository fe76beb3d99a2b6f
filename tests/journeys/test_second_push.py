"""What the station follows up itself: unpaid goods, and thirteen men without their wages."""

from __future__ import annotations

from dispute_hub.common import time
from tests.journeys.story import Dispute, Town, person


def test_unpaid_goods_are_called_about_the_next_day(town: Town) -> None:
    """供货方堵在小区门口要货款、扬言砸车；劝离后仍有隐患，二推，次日电话，口头协议，三次回访，所长批准办结。"""
    town.it_is("2026-02-26 18:20")
    goods = town.call_110(
        "业务员计某报警，供货方的销售因一笔货款没结清找到小区门口，计某说货有质量问题客户不肯付款，"
        "对方说今天拿不到钱就把他的车砸了，人还在门口没走。",
        caller=person("计永康", "13905790401"),
        against=person("祝志刚", "13905790402"),
    )
    assert (goods.colour, goods.reply["item"]["code"]) == ("orange", "N0302")
    assert "threat_vague" in goods.factors

    goods.handled_on_scene("settled_at_risk", "双方经劝说离开，约定次日对账；对方情绪仍激动。")
    assert goods.status == "tracking"
    assert "二推送" in town.notices("community_officer"), "orange does not wait for the morning sheet"
    goods.second_push_signed(by="station_chief")

    town.it_is("2026-02-27 09:20")
    assert goods.task("community_officer", "push_second.take_over")["due_at"], "the crew held it over night"
    assert goods.task("community_officer", "push_second.contact")["due_at"]
    goods.contacted("已电话联系双方，约下午到所对账。")
    town.it_is("2026-02-27 16:00")
    goods.act("community_officer", "agreements", {
        "form": "oral", "facts": "双方对账确认尚欠货款一万二千元，退回有瑕疵的两箱。",
        "terms": ["计某于三月十日前付清货款。", "祝某当场收回瑕疵货物。"],
        "items": [{"what": "付清货款", "amount": "12000.00", "due_on": "2026-03-10"}],
    })  # fmt: skip
    assert goods.status == "settled"

    dates = goods.follow_up_dates("community_officer")
    spans = [(time.beijing_date(at) - time.beijing_date(town.clock.at)).days for at in dates]
    assert spans == [4, 15, 31], "orange: three days, fourteen, thirty, each until its 24:00"
    assert goods.followed_up_to_the_end("community_officer", satisfaction="basically") == 3
    assert goods.status == "settled", "nobody closes his own orange case alone"
    goods.act("community_officer", "close", expect=403)
    goods.closing_approved()
    assert goods.status == "closed"


def test_thirteen_men_get_their_wages_after_three_days_of_consultation(town: Town) -> None:
    """十三名工人在建筑公司大厅讨要工资；带回所、所级会商三天，人社和住建各办一件，签协议付清，办结。"""
    town.it_is("2026-01-16 09:41")
    wages = town.call_110(
        "柯某报称，和工友一共十三个人去年底干完工地的活，还有48万工资没有结，说好年前给，包工头电话一直关机，"
        "人都来到建筑公司大厅讨说法，公司说工程款早就付给包工头了，大家不认，坐着不走，双方僵住了。",
        caller=person("柯长河", "13905790501"),
        against=person("宏达建筑公司", "13905790502"),
    )
    assert (wages.colour, wages.reply["item"]["code"]) == ("orange", "N0601")
    assert {"crowd_10", "wage_arrears"} <= wages.factors
    wages.handled_on_scene("brought_in", "劝离大厅，五名代表到所，公司负责人同来。")
    wages.second_push_signed()
    wages.contacted("代表与公司分别谈话，登记十三人工资明细。", mode="visit")

    three_days_of_consultation(town, wages)

    town.it_is("2026-01-18 14:00")
    mediator = town.mediator_of_the_pool()
    page = wages.session_planned(
        "2026-01-18 15:00", "象珠派出所调解室", by="community_officer", mediator=mediator
    )
    town.submit("mediator", page, {
        "attendance": "工人代表五人、公司负责人、人社局、住建局",
        "record": "公司承认工资专户未按月拨付，同意先行垫付，向包工头追偿。", "result": "agreed",
    })  # fmt: skip
    agreed = wages.agreement(
        "mediator",
        "十三人共48万元工资由公司先行垫付。",
        ["公司于一月二十三日前将工资打入十三人银行卡。", "工人收到后不再聚集。"],
        items=[{"what": "垫付十三人工资", "amount": "480000.00", "due_on": "2026-01-23"}],
    )
    assert wages.status == "settled"
    town.it_is("2026-01-23 11:00")
    paid = {"performed": "yes", "proof": "银行代发回单十三份"}
    town.submit("mediator", f"/agreements/{agreed['no']}/items/1/", paid)
    wages.followed_up_to_the_end("community_officer", satisfaction="very")
    wages.closing_approved()
    assert wages.status == "closed"


def three_days_of_consultation(town: Town, wages: Dispute) -> None:
    """The station's daily consultation gives two departments one task each; both answer the next day."""
    tasks = [
        ("330784-RS", "核实十三人工资台账，约谈包工头和公司。"),
        ("330784-ZJ", "核查工程款支付和工资专户。"),
    ]
    meeting = wages.act("station_chief", "consultations", {
        "level": "day", "reason": "十三人欠薪，当日未化解",
        "decisions": [
            {"unit": unit, "task": task, "due_at": "2026-01-18T18:00:00+08:00"} for unit, task in tasks
        ],
    })  # fmt: skip
    owners = {"330784-RS": "department", "330784-ZJ": "other_department"}
    town.it_is("2026-01-17 15:00")
    for decision in meeting["decisions"]:
        owner = owners[decision["unit"]]
        assert wages.task(owner, "decision.due")["object_id"] == decision["id"]
        town.submit(owner, f"/consultations/decisions/{decision['id']}/", {"text": "已核实，材料报派出所。"})


def test_a_burst_pipe_waits_for_the_morning_sheet_and_ends_at_the_mediators_table(town: Town) -> None:
    """楼上水管爆裂泡了家具；当场未化解，黄色次日上汇总，走访，人民调解书面协议，调解员回访，自动办结。"""
    town.it_is("2026-03-09 22:37")
    pipe = town.call_110(
        "报警人称楼上水管爆了，水顺着天花板往下淌，家里新买的沙发和衣柜都泡了，找楼上的雷某，"
        "对方说是开发商装的管子，不是他的事，让民警来看看怎么赔。",
        caller=person("唐秋月", "13905790901"),
        against=person("雷大同", "13905790902"),
    )
    assert (pipe.colour, pipe.reply["item"]["code"]) == ("yellow", "N0203")
    pipe.handled_on_scene("unsettled", "已关总阀，双方对责任和赔偿说法不一。")
    assert pipe.status == "tracking"
    assert "二推送" not in town.notices("community_officer"), "yellow waits for the sheet of eight o'clock"

    town.it_is("2026-03-10 08:05")
    assert "二推送" in town.notices("community_officer")
    pipe.second_push_signed()
    pipe.contacted("上门查看受损家具，双方愿意到村调委会调解。", mode="visit")

    mediator = town.mediator_of_the_pool()
    page = pipe.session_planned(
        "2026-03-11 14:00", "象珠镇人民调解委员会", by="community_officer", mediator=mediator
    )
    town.it_is("2026-03-11 15:30")
    town.submit("mediator", page, {
        "attendance": "双方当事人", "record": "双方认可维修发票，各退一步。", "result": "agreed",
    })  # fmt: skip
    pipe.agreement("mediator", "水管爆裂泡坏家具。", ["雷某当日赔偿家具损失四千元。"])
    assert pipe.status == "settled"
    assert pipe.followed_up_to_the_end("mediator", satisfaction="very") == 1, "mediated: once in 14 days"
    assert pipe.status == "closed", "a yellow case closes by itself"
