"""Engine against people: the figures, the cases behind them, who sees how much, at what cost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case
from intake.models import Alert
from tests.triage.conftest import CALM, KNIFE, PUSHED
from triage import selectors, services

URL = "/rules/agreement/"
CELL = re.compile(r'href="(/rules/agreement/cases/\?[^"]+)">(\d+)<')


def set_colour(cast: Any, case: Case, to: str, at: Any) -> None:
    made = services.regrade(case, kind="colour", to=to, reason="核实", actor=cast.station_command, at=at)
    if made.status == "proposed":
        services.decide_regrade(made.pk, approve=True, text="", actor=cast.station_chief, at=at)


@pytest.fixture
def month(call, cast, clock) -> dict[str, Case]:
    """Two reds (one lowered), a calm one raised to red, a quarrel that became a crime, two as they were."""
    texts = {
        "kept": KNIFE,
        "lowered": KNIFE,
        "raised": CALM,
        "crime": PUSHED,
        "calm": CALM,
        "quarrel": PUSHED,
    }
    found = {}
    for number, (name, text) in enumerate(texts.items()):
        clock.advance(hours=30)
        alert = call(text, phone=f"1390000000{number}", address=f"象珠镇象珠一村{number}号")
        found[name] = alert.case
    set_colour(cast, found["lowered"], "yellow", clock.at)
    set_colour(cast, found["raised"], "red", clock.at)
    kind = {"kind": "administrative"}
    lifecycle.record(found["crime"], "case_file.accepted", actor=SYSTEM, at=clock.at, data=kind)
    decided = {"kind": "criminal", "decision": "criminal"}
    lifecycle.record(found["crime"], "case_file.decided", actor=SYSTEM, at=clock.at, data=decided)
    return found


def page(cast: Any, who: str, url: str = URL) -> Any:
    return cast.client(getattr(cast, who)).get(url)


def text_of(answer: Any) -> str:
    return answer.content.decode()


def span(cast: Any, clock: Any, who: str = "bureau", **asked: str) -> Any:
    return selectors.span_of(getattr(cast, who), at=clock.at, **{"month": "", "station": ""} | asked)


# Figures --------------------------------------------------------------------------------------------------


def test_the_figures_of_a_month(cast, clock, month) -> None:
    found = selectors.agreement(span(cast, clock))
    assert (found.total, found.overridden) == (6, 2)
    assert (found.engine_reds, found.kept_reds) == (2, 1)
    assert (found.true_reds, found.found_reds, found.missed_reds) == (3, 1, 2)
    cells = {(cell.engine, cell.human): cell.count for _, row, _ in found.rows for cell in row if cell.count}
    assert cells == {
        ("red", "red"): 1, ("red", "yellow"): 1, ("blue", "red"): 1, ("yellow", "yellow"): 2,
        ("blue", "blue"): 1,
    }  # fmt: skip
    assert [row for row in found.filed if row[1]] == [("yellow", 1, 1)]


def test_misses_come_with_their_words_masked(cast, clock, month) -> None:
    Alert.objects.filter(case=month["raised"]).update(narrative=CALM + "电话13912345678。")
    misses = selectors.missed_reds(span(cast, clock))
    assert [miss.case.pk for miss in misses] == [month["crime"].pk, month["raised"].pk]
    html = text_of(page(cast, "bureau"))
    assert html.index("漏判红色</h2>") < html.index("预警色对照")
    assert month["crime"].case_no in html
    assert "13912345678" not in html


def test_void_and_absorbed_cases_do_not_count(cast, clock, month) -> None:
    Case.objects.filter(pk=month["kept"].pk).update(status="void")
    Case.objects.filter(pk=month["calm"].pk).update(status="absorbed")
    assert selectors.agreement(span(cast, clock)).total == 4


@pytest.mark.parametrize(("asked", "total"), [("2026-03", 6), ("2026-02", 0), ("2026-04", 0)])
def test_one_month_at_a_time(cast, clock, month, asked: str, total: int) -> None:
    assert selectors.agreement(span(cast, clock, month=asked)).total == total


def test_items_confirmed_by_officers(cast, clock, month) -> None:
    alerts = Alert.objects.filter(case=month["calm"])
    judged = selectors.of_alert(alerts.get()).item_code
    other = "N1402" if judged != "N1402" else "N0206"
    alerts.update(confirmed_item=judged)
    Alert.objects.filter(case=month["kept"]).update(confirmed_item=other)
    found = selectors.items_confirmed(span(cast, clock))
    assert (found.total, found.same) == (2, 1)
    assert [number for *_, number in found.pairs] == [1]


# Pages ----------------------------------------------------------------------------------------------------


def test_every_cell_opens_as_many_cases_as_it_counts(cast, month) -> None:
    cells = CELL.findall(text_of(page(cast, "bureau")))
    assert sum(int(number) for _, number in cells) == 6
    for url, number in cells:
        html = text_of(page(cast, "bureau", url.replace("&amp;", "&")))
        assert html.count('<tr class="hub-row"') == int(number), url


def test_a_chief_sees_his_own_station(cast, month) -> None:
    assert len(CELL.findall(text_of(page(cast, "station_chief")))) == 5
    assert "该月没有案件" in text_of(page(cast, "other_station_chief"))
    code = cast.units.station.code
    assert page(cast, "other_station_chief", f"{URL}?station={code}").status_code == 404


def test_a_leader_sees_figures_and_no_case(cast, month) -> None:
    html = text_of(page(cast, "leader"))
    assert "红色准确率" in html
    assert "50.0%" in html
    assert not CELL.findall(html)
    assert not any(case.case_no in html for case in month.values())
    assert page(cast, "leader", f"{URL}cases/?engine=red&human=red").status_code == 403


@pytest.mark.parametrize("who", ["officer", "station_command", "security_admin", "centre", "auditor"])
def test_nobody_else(cast, month, who: str) -> None:
    assert page(cast, who).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?month=2026-13", 400),
        ("?month=x", 400),
        ("?month=2026-03&month=2026-02", 400),
        ("?station=none", 404),
    ],
)
def test_what_nobody_offered(cast, month, query: str, status: int) -> None:
    assert page(cast, "bureau", URL + query).status_code == status


@pytest.mark.parametrize("query", ["", "?engine=red", "?engine=red&human=green"])
def test_a_cell_that_is_none(cast, month, query: str) -> None:
    assert page(cast, "bureau", f"{URL}cases/{query}").status_code == 400


def test_the_table_names_no_case(cast, month) -> None:
    answer = page(cast, "bureau", f"{URL}table.csv?month=2026-03")
    text = text_of(answer)
    assert answer["Content-Type"].startswith("text/csv")
    assert "合计,6,2,1,3,1,2" in text
    assert not any(case.case_no in text for case in month.values())


@pytest.mark.parametrize(
    ("url", "queries"), [(URL, 10), (f"{URL}cases/?engine=yellow&human=yellow", 6), (f"{URL}table.csv", 5)]
)
def test_pages_cost_few_queries(
    cast, month, url: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    browser = cast.client(cast.bureau)
    browser.get(url)
    with django_assert_max_num_queries(queries):
        assert browser.get(url).status_code == 200
