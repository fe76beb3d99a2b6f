"""Board, rows behind a number, wall and clearance API: who, whose stations, and no names on a wall."""

import pytest

from reports.facts import FACTS, RATES, SPAN_FIGURES
from tests.reports.conftest import KNIFE, OTHER_PLACE, people

READERS = (
    "station_command", "station_chief", "bureau", "political_legal", "leader", "office_clerk", "centre",
    "county_centre",
)  # fmt: skip
LISTERS = ("station_command", "station_chief", "bureau", "leader", "office_clerk")
PAGES = ("/board/", "/board/wall/", "/api/v1/reports/clearance/")
ROWS = "/board/rows/?figure=disputes&period=day&date=today&unit=own"


def test_who_reads_the_board(cast) -> None:
    wrong = {}
    for name, actor in cast.actors.items():
        expected = 200 if actor.role in READERS else 403
        browser, api = cast.client(actor), cast.api(actor)
        given = tuple((api if "api" in url else browser).get(url).status_code for url in PAGES)
        if given != (expected,) * 3:
            wrong[name] = given
    assert wrong == {}


def test_who_opens_the_rows(cast) -> None:
    expected = {name: 200 if actor.role in LISTERS else 403 for name, actor in cast.actors.items()}
    assert {name: cast.client(actor).get(ROWS).status_code for name, actor in cast.actors.items()} == expected


def test_a_station_sees_itself_a_bureau_all_a_centre_its_own(handled, cast) -> None:
    handled("unsettled", text=KNIFE, **people(1))
    handled("unsettled", text=KNIFE, **OTHER_PLACE)

    def stations(actor, unit="own"):
        answer = cast.api(actor).get(f"/api/v1/reports/clearance/?unit={unit}").json()
        return {row["code"]: row["due"] for row in answer["stations"]}

    assert stations(cast.station_chief) == {"330784-XZ": 1}
    assert stations(cast.bureau) == {"330784-XZ": 1, "330784-GS": 1}
    assert stations(cast.bureau, "330784-GS") == {"330784-GS": 1}
    assert stations(cast.centre) == {"330784-XZ": 1}
    other = cast.api(cast.station_chief).get("/api/v1/reports/clearance/?unit=330784-GS")
    assert other.status_code == 404
    rows = cast.client(cast.station_chief).get(ROWS.replace("own", "330784-GS"))
    assert rows.status_code == 404


def test_every_figure_opens_its_rows(handled, cast) -> None:
    handled("unsettled", text=KNIFE, **people(1))
    browser = cast.client(cast.bureau)
    codes = [*FACTS, *RATES, *SPAN_FIGURES, "clearance_rate", "unsettled", "unsettled_red"]
    url = "/board/rows/?figure={}&period=week&date=2026-03-04&unit=own"
    assert [code for code in codes if browser.get(url.format(code)).status_code != 200] == []
    html = browser.get(url.format("left")).content.decode()
    assert html.count('<tr class="hub-row"') == 1


@pytest.mark.parametrize(
    "query",
    ["figure=nothing", "figure=due&period=year", "figure=due&date=tomorrow", "figure=due&date=9999-01-01"],
)
def test_words_nobody_declared_are_refused(cast, query) -> None:
    assert cast.client(cast.bureau).get(f"/board/rows/?{query}").status_code == 400


def test_aggregates_only_have_no_way_to_a_list(handled, cast) -> None:
    handled("unsettled", text=KNIFE, **people(1))
    assert "/board/rows/" not in cast.client(cast.centre).get("/board/").content.decode()
    assert "/board/rows/" in cast.client(cast.bureau).get("/board/").content.decode()


def test_no_names_on_the_wall_and_masked_in_the_rows(handled, cast) -> None:
    case = handled("unsettled", text=KNIFE, **people(1))
    wall = cast.client(cast.bureau).get("/board/wall/").content.decode()
    rows = cast.client(cast.bureau).get(ROWS).content.decode()
    for text in ("报警1", "对方1", "13900000001", case.address):
        assert text not in wall
        assert text not in rows


@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_the_board_says_its_base_and_its_instant(handled, cast, span) -> None:
    handled("settled", **people(1))
    html = cast.client(cast.bureau).get(f"/board/?period={span}").content.decode()
    assert "数据截至" in html
    assert "基数：化解（前三种方式）÷ 期内推送的纠纷" in html
    assert "style=" not in html
