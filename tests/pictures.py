"""The README's pictures, taken from a running demo city: `make run` here, `make pictures` beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browsers import FLAGS, find_chromium

PASSWORD = "dispute-hub-demo"
CALL = "男子酒后拿着菜刀在楼道里砍邻居家的门，扬言今天要砍死对方，楼上漏水的事吵了半年，家里还有老人和孩子。"
# file name, log-in, path, width, what is typed into the narrative before the picture
PICTURES = [
    ("desk", "dispatcher", "/desk/", 1440, CALL),
    ("board", "bureau", "/board/", 1440, ""),
]


def main(address: str, folder: Path) -> None:
    """Take every picture of the table into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name, login, path, width, narrative in PICTURES:
            page = log_in(browser, address, login, width)
            page.goto(address + path)
            if narrative:
                page.locator("textarea[name=narrative]").first.press_sequentially(narrative, delay=5)
            page.wait_for_timeout(2000)
            page.screenshot(path=str(folder / f"{name}.png"))
            page.context.close()
        browser.close()


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
