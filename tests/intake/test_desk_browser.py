"""The desk as a call-taker uses it: by keys, in a real browser against the real entry."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.cases.models import Case
from intake.models import Alert, AlertVersion, DeskDraft
from tests.browsers import Served, log_in
from tests.cast import Cast, build_cast
from tests.intake.conftest import Sender, body, make_source

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("HUB_SHOTS", "")

CALLS = [
    ("邻居酒后拿菜刀追到门口，扬言要砍死报警人，门已被踢坏。", "象珠镇象珠一村12号", "13905790011", "梅应龙"),
    (
        "租客退房，房东扣着3000元押金不退，双方在楼下争吵。",
        "象珠镇峡源路88号3幢502室",
        "13905790012",
        "章小兰",
    ),
    (
        "夫妻吵架，丈夫动手打了妻子两个耳光，孩子在哭，要求民警到场。",
        "古山镇古山一村5号",
        "13905790013",
        "朱巧云",
    ),
    ("买的口罩耳带一拉就断，要求退货，店家不肯。", "古山镇胡库街17号", "13905790014", "徐建国"),
    ("十五名工人在工地大门口讨要工资，堵住了出入车辆。", "象珠镇园区路工地", "13905790015", "李师傅"),
]


@pytest.fixture
def city(served: Served) -> Cast:
    """The cast and some alerts of today, committed."""
    cast = build_cast()
    make_source(cast.units.reception, cast.units.bureau)
    for number, (text, address, phone, name) in enumerate(CALLS, start=1):
        station = "330784-XZ" if address.startswith("象珠") else "330784-GS"
        caller = {"name": name, "phone": phone, "sex": "女"}
        said = body(alert_no=f"33078420261121{number:06d}", narrative=text, address=address, station=station)
        said |= {"grid": "", "reporter": caller, "parties": [{"name": name, "phone": phone}]}
        assert Sender().send(said).status_code == 201
    return cast


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def type_a_call(page: Any) -> None:
    page.keyboard.type("13905790011")
    page.fill("#id_address", "象珠镇象珠一村12号")
    page.select_option("#id_station", "330784-XZ")
    page.focus("#id_narrative")
    page.keyboard.type("刚才那个邻居又回来了，")
    page.keyboard.press("Enter")
    page.keyboard.type("手里拿着菜刀，扬言要砍死报警人。")
    page.wait_for_selector("#desk-live .hub-badge[data-colour=red]")
    page.wait_for_selector("#desk-live .desk-prior")
    page.wait_for_selector("[data-hub-draft-state]:has-text('草稿已存')")
    assert "\n" in page.input_value("#id_narrative")
    shot(page, "desk-typing-1440")


def test_a_call_is_sent_before_it_is_finished(
    served: Served, city: Cast, page_at: Callable[..., Any]
) -> None:
    page = page_at(1440)
    log_in(page, served, city.client(city.dispatcher))
    page.goto(f"{served.url}/desk/?call=new")
    type_a_call(page)
    page.reload()
    assert page.input_value("#id_narrative").startswith("刚才那个邻居又回来了")
    page.keyboard.press("Escape")
    assert page.input_value("#id_narrative").startswith("刚才那个邻居又回来了")

    page.wait_for_selector("#desk-live [data-hub-key=F1]")
    page.keyboard.press("F1")
    page.wait_for_function("() => document.querySelector('#id_stated_item')?.value")
    page.keyboard.press("F9")
    page.wait_for_selector(".desk-sent")
    alert = Alert.objects.exclude(alert_no__startswith="3307").get()
    assert (alert.dispatch_status, alert.case.colour) == ("dispatched", "red")

    page.fill("#id_other_name", "应某")
    page.focus("#id_narrative")
    page.keyboard.press("Control+End")
    page.keyboard.type("男子已往村口走。")
    shot(page, "desk-sent-1440")
    page.keyboard.press("F10")
    page.wait_for_selector(".desk-sent", state="detached")
    page.wait_for_selector(".hub-toast:has-text('已派往')")
    assert list(AlertVersion.objects.filter(alert=alert).values_list("number", flat=True)) == [1, 2]
    assert not DeskDraft.objects.filter(closed_at__isnull=True).exists()


def test_two_calls_lie_open_and_one_key_attaches(
    served: Served, city: Cast, page_at: Callable[..., Any]
) -> None:
    page = page_at(1440)
    log_in(page, served, city.client(city.dispatcher))
    page.goto(f"{served.url}/desk/?call=new")
    page.fill("#id_address", "龙川西路")
    page.wait_for_selector("[data-hub-draft-state]:has-text('草稿已存')")
    page.click("a.desk-new")
    page.fill("#id_phone", "13905790012")
    page.fill("#id_address", "象珠镇峡源路菜场门口")
    page.fill("#id_narrative", "押金的事，房东现在把门锁换了，不让拿东西。")
    page.wait_for_selector("#desk-live [data-hub-key=F4]")
    page.keyboard.press("F4")
    page.wait_for_function("() => document.querySelector('#id_attach_to')?.value.startsWith('JF')")
    page.wait_for_selector("#desk-live [data-hub-key=F8]")
    page.keyboard.press("F8")
    page.wait_for_function("() => document.querySelector('#id_attach_to')?.value === ''")
    page.wait_for_selector("#desk-live [data-hub-key=F8]", state="detached")
    page.keyboard.press("F4")
    page.wait_for_function("() => document.querySelector('#id_attach_to')?.value.startsWith('JF')")
    assert page.locator(".hub-tabs a").count() >= 3
    page.keyboard.press("F10")
    page.wait_for_selector(".hub-toast:has-text('待分派')")
    joined = Alert.objects.get(narrative__startswith="押金的事")
    assert (joined.case.alerts_count, joined.attached_how) == (2, "hand")
    assert Case.objects.count() == len(CALLS)


def test_no_key_acts_while_the_input_method_composes(
    served: Served, city: Cast, page_at: Callable[..., Any]
) -> None:
    page = page_at(1440)
    log_in(page, served, city.client(city.dispatcher))
    page.goto(f"{served.url}/desk/?call=new")
    page.fill("#id_address", "龙川西路")
    page.fill("#id_narrative", "两人争吵")
    composing = "new KeyboardEvent('keydown', {key: 'F9', isComposing: true, bubbles: true})"
    page.evaluate(f"document.querySelector('#id_narrative').dispatchEvent({composing})")
    page.wait_for_timeout(300)
    assert Alert.objects.count() == len(CALLS)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_companion_shows_what_comes_in(
    served: Served, city: Cast, page_at: Callable[..., Any], width: int
) -> None:
    page = page_at(width)
    log_in(page, served, city.client(city.dispatcher))
    page.goto(f"{served.url}/desk/")
    page.click("#desk-stream tbody tr:last-child a")
    page.wait_for_selector("#desk-card .hub-narrative mark")
    shot(page, f"desk-companion-{width}")
    Sender().send(
        narrative="两人因停车位争吵。", address="象珠镇象珠二村9号", reporter={"name": "郎某"}, parties=[]
    )
    page.wait_for_selector("#desk-stream tr:has-text('象珠二村9号')", timeout=8000)
    page.goto(f"{served.url}/desk/?call=new")
    shot(page, f"desk-empty-{width}")
    page.goto(f"{served.url}/alerts/")
    shot(page, f"alerts-{width}")
    page.goto(f"{served.url}/alerts/33078420261121000001/")
    shot(page, f"alert-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1440, 390])
def test_tables_and_messages_fit_the_width(
    served: Served, city: Cast, page_at: Callable[..., Any], width: int, tmp_path: Path
) -> None:
    Sender().raw(b'{"alert_no": "1", "people_involved": true}')
    rows = ["接警时间,地址,警情内容,报警电话", "2020-01-01 08:00,某处,争吵,1.39E+10", ",,,"]
    path = tmp_path / "一月警情.csv"
    path.write_text("\n".join(rows), encoding="gb18030")
    page = page_at(width)
    log_in(page, served, city.client(city.duty_commander))
    page.goto(f"{served.url}/quarantine/")
    shot(page, f"quarantine-{width}")
    page.click("text=打开")
    shot(page, f"quarantine-detail-{width}")
    page.goto(f"{served.url}/alerts/import/")
    page.set_input_files("#id_file", path)
    page.click("text=预检 >> nth=-1")
    page.wait_for_selector("text=号码被表格软件改成了数字")
    shot(page, f"import-batch-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{served.url}/alerts/import/")
    shot(page, f"import-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
