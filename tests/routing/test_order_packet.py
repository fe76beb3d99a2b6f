"""What the other side sees: least data, masked before 签收, never an ID number, colour, factor or record."""

import json

import pytest

from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.services import PartyFacts
from routing import selectors, services
from routing.models import WorkOrder
from tests.routing.conftest import KNIFE

SECRETS = ("330199199001011234", "前科")


def seen(actor, order):
    order = WorkOrder.objects.select_related("case").get(pk=order.pk)
    return selectors.packet_for(order, order.case, actor)


def test_masked_before_acceptance_clear_after_masked_when_gone(story, cast, clock):
    order = story.sent()
    before = seen(cast.centre, order)
    assert {(party["name"], party["phone"]) for party in before["parties"]} == {
        ("报**", "138****0001"), ("对**", "138****0002"),
    }  # fmt: skip
    assert "12号" not in before["address"]

    services.accept_order(order, actor=cast.centre, at=clock.at)
    after = seen(cast.centre, order)
    assert {(party["name"], party["phone"]) for party in after["parties"]} == {
        ("报警甲", "13800000001"), ("对方乙", "13800000002"),
    }  # fmt: skip
    assert after["address"] == "象珠镇象珠一村12号"

    story.act("return", order)
    assert seen(cast.centre, order)["parties"] == before["parties"]


@pytest.mark.parametrize(("who", "name", "address"), [
    ("centre", "报警甲", "12号"), ("department", "报警甲", "12号"), ("grid_worker", "报**", "12号"),
    ("county_centre", "报**", None), ("other_centre", "报**", None),
])  # fmt: skip
def test_how_clearly_each_unit_sees_the_people(story, cast, who, name, address):
    order = story.act("assign", story.accepted())
    packet = seen(getattr(cast, who), order)
    assert packet["parties"][0]["name"] == name
    assert ("12号" in packet["address"]) == bool(address)


def test_clear_until_the_case_is_closed(story, cast, clock):
    order = story.done()
    assert seen(cast.centre, order)["parties"][0]["name"] == "报警甲"
    Case.objects.update(status="closed")
    assert seen(cast.centre, order)["parties"][0]["name"] == "报**"


def test_nothing_but_the_fields_listed(story, cast):
    people = (PartyFacts(name="丙", id_type="01", id_number=SECRETS[0], phone="13800000003"),)
    order = story.proposed(story.tracked(KNIFE, parties=people))
    order = services.approve_order(order, actor=cast.station_chief, at=story.clock.at)
    packet = services.packet_of(order, order.case, sight="clear")
    assert Party.objects.filter(id_number_last4__isnull=False).exists()
    assert set(packet) == {
        "no", "case_no", "kind", "grade", "difficulty", "summary", "item_code", "item_name", "address",
        "parties", "safety_instruction", "demand", "work_done", "suggestions",
    }  # fmt: skip
    assert set(packet["parties"][0]) == {"role", "role_name", "name", "known_as", "phone"}
    told = json.dumps(packet, ensure_ascii=False)
    assert SECRETS[0] not in told
    assert not any(word in told for word in ("red", "threat_targeted", "weapon", "预警"))
    assert "两人以上" in packet["safety_instruction"], "the instruction goes, not what it comes from"


def test_names_and_numbers_inside_free_text_are_masked(story, cast):
    case = story.tracked("报警甲称对方乙堆放杂物，电话13800000002，身份证330184199001011237，两人争吵。")
    order = story.proposed(case)
    order = services.approve_order(order, actor=cast.station_chief, at=story.clock.at)
    masked = seen(cast.centre, order)
    assert "对方乙" not in masked["summary"]
    assert "报警甲" not in masked["summary"]
    for packet in (masked, services.packet_of(order, order.case, sight="clear")):
        assert "13800000002" not in packet["summary"] + packet["work_done"]
        assert "330184199001011237" not in packet["summary"]


def test_what_was_said_on_the_way_is_masked_with_the_packet(story, cast, clock):
    order = story.accepted()
    said = "已约对方乙13800000002到象珠镇象珠一村12号面谈"
    services.feed_back_order(order, text=said, actor=cast.centre, at=clock.at)

    def page(actor):
        pages = [f"/orders/{order.no}/", f"/orders/{order.no}/print/"]
        return "".join(cast.client(actor).get(path).content.decode() for path in pages)

    assert "已约对方乙" in page(cast.centre)
    services.return_order(order, reason_code="not_ours", text="对方乙不配合", actor=cast.centre, at=clock.at)
    for actor in (cast.centre, cast.county_centre):
        text = page(actor)
        assert "已约对**" in text and "对**不配合" in text
        assert "对方乙" not in text and "12号" not in text and "13800000002" not in text
    assert "对方乙不配合" in page(cast.station_chief)


def test_a_unit_on_the_order_reads_its_own_calls_alone(story, cast, clock):
    order = story.act("assign", story.accepted())
    for actor, said in ((cast.centre, "中心问到的话"), (cast.department, "部门问到的话")):
        services.record_order_contact(order, side=1, mode="phone", said=said, actor=actor, at=clock.at)
    text = cast.client(cast.department).get(f"/orders/{order.no}/").content.decode()
    assert "部门问到的话" in text and "中心问到的话" not in text


@pytest.mark.parametrize(("item", "flags"), [("P0401", ()), ("", ("未成年人",))])
def test_protected_facts_leave_only_as_a_statutory_notice(story, cast, item, flags):
    case = story.tracked(flags=flags)
    Case.objects.filter(pk=case.pk).update(item_code=item or case.item_code)
    case.refresh_from_db()
    packet = seen(cast.centre, story.proposed(case))
    assert "依法受保护" in packet["summary"]


def test_the_other_side_never_meets_what_was_not_sent(story, cast, clock):
    order = story.proposed()
    for actor in (cast.centre, cast.county_centre, cast.department):
        assert not selectors.orders_visible_to(actor, at=clock.at).exists()
    services.approve_order(order, actor=cast.station_chief, at=clock.at)
    assert selectors.orders_visible_to(cast.centre, at=clock.at).exists()
    assert selectors.orders_visible_to(cast.county_centre, at=clock.at).exists()
    for actor in (cast.other_centre, cast.department, cast.grid_worker, cast.other_station_chief):
        assert not selectors.orders_visible_to(actor, at=clock.at).exists()


def test_the_station_reads_names_and_gets_numbers_in_the_case_file_only(story, cast):
    packet = seen(cast.station_chief, story.accepted())
    assert packet["parties"][0]["name"] == "报警甲"
    assert all("*" in party["phone"] for party in packet["parties"] if party["phone"])
