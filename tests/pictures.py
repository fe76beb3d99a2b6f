"""The README's pictures, taken from a running demo city: `make run` here, `make pictures` beside it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browsers import FLAGS, find_chromium

PASSWORD = "dispute-hub-demo"
CALLER = "13900001234"
CALL = "男子酒后拿着菜刀在楼道里砍邻居家的门，扬言今天要砍死对方，为楼道堆东西吵了半年，家里还有老人和孩子。"


def main(address: str, folder: Path) -> None:
    """Take every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        desk = log_in(browser, address, "dispatcher", 1440)
        desk.goto(f"{address}/desk/")
        take_call(desk)
        take(desk, folder / "desk.png")
        board = log_in(browser, address, "bureau", 1440)
        board.set_viewport_size({"width": 1440, "height": 1240})
        board.goto(f"{address}/board/?period=month")
        take(board, folder / "board.png")
        browser.close()


def take_call(page: Any) -> None:
    """Type a grave call from an address that has called before, in the order a call goes."""
    rows = page.locator("tr.hub-row")
    alike = rows.filter(has_text=re.compile("邻居|楼道"))
    known = (alike if alike.count() else rows).first.locator("td").all_inner_texts()
    place, station = known[2].partition(" · ")[0], known[3]
    page.locator("input[name=phone]").fill(CALLER)
    page.locator("select[name=station]").select_option(label=station)
    page.locator("input[name=address]").fill(place)
    narrative = page.locator("textarea[name=narrative]")
    narrative.fill("")
    narrative.press_sequentially(CALL, delay=5)


def take(page: Any, file: Path) -> None:
    """The page as it stands once everything has come in."""
    page.wait_for_timeout(2500)
    page.screenshot(path=str(file))
    page.context.close()


def log_in(browser: Any, address: str, login: str, width: int) -> Any:
    """A page of this width on which the demo log-in has signed in."""
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN").new_page()
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    return page


if __name__ == "__main__":
    port = os.environ.get("PORT", "8000")
    main(sys.argv[1] if len(sys.argv) > 1 else f"http://127.0.0.1:{port}", Path("docs/pictures"))
