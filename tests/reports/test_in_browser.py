"""Case file, list, workbench and board at desk, phone and wall: nothing overflows, nothing complains."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.common import time
from tests.browsers import Served, log_in
from tests.reports.conftest import KNIFE, OTHER_PLACE, PUSHED, people

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Where a person wants to look at what the browser drew.
PICTURES = os.environ.get("HUB_PICTURES", "")


@pytest.fixture
def cast(committed_cast):
    """The browser's process reads what is committed."""
    return committed_cast


def shoot(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def listen(page: Any) -> list[str]:
    """What the browser complains about from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    return said


def test_pages_fit(cast, served: Served, handled, call, clock, page_at, clock_file) -> None:
    for number in range(1, 9):
        text = (PUSHED, KNIFE, "邻居因楼道堆放杂物发生口角，双方情绪平稳，请民警到场调解。")[number % 3]
        at = clock.at - timedelta(days=number)
        handled("settled" if number % 2 else "unsettled", text=text, at=at, **people(number))
    handled("unsettled", text=PUSHED, at=clock.at - timedelta(days=3), **OTHER_PLACE)
    case = handled("unsettled", text=KNIFE)
    call(KNIFE, **people(20))
    clock_file.write_text(clock.at.astimezone(time.BEIJING).isoformat())
    pages = {
        "workbench": (cast.station_command, "/"),
        "case_list": (cast.station_chief, "/cases/"),
        "case_file": (cast.community_officer, f"/cases/{case.case_no}/"),
        "board": (cast.bureau, "/board/?period=week"),
        "rows": (cast.bureau, "/board/rows/?figure=due&period=week&date=today&unit=own"),
        "wall": (cast.bureau, "/board/wall/?period=week"),
    }
    for name, (actor, url) in pages.items():
        client = cast.client(actor)
        for width in (1920,) if name == "wall" else (1440, 390):
            page = page_at(width)
            complaints: list[str] = []
            page.on(
                "console", lambda said, to=complaints: to.append(said.text) if said.type == "error" else None
            )
            log_in(page, served, client)
            page.goto(served.url + url, wait_until="networkidle")
            shoot(page, f"{name}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert complaints == [], (name, width)
