"""The system Chromium and the real ASGI entry as a child process, for journeys through HTTP only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.conf import settings

from dispute_hub.embedded.addresses import free_port

if TYPE_CHECKING:  # the README's pictures need the browser and no Django
    from tests.cast import Cast
    from tests.databases import Database

ROOT = Path(__file__).resolve().parent.parent
SHOTS = os.environ.get("HUB_SHOTS", "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The browser: `CHROMIUM`, the system's, or the one Playwright brought."""
    named = os.environ.get("CHROMIUM", "").strip()
    candidates = [named, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    for candidate in filter(None, candidates):
        if found := shutil.which(candidate):
            return found
    own = sorted((Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if found is None:
        missing = pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip
        missing("no Chromium found: set CHROMIUM or install chromium")
    return str(found)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    # Its event loop runs in this thread; Django would take every later query for one from a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Any) -> Iterator[Callable[..., Any]]:
    """`page_at(1440)` or `page_at(390)`: a fresh page that fails the test on any error of its script."""
    contexts, errors = [], []

    def open_page(width: int, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=width < 600,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def log_in(page: Any, served: Served, client: Any) -> None:
    """Let the page be the person whom this Django test client is logged in as."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": served.url}])


def shot(page: Any, name: str, *, settle_ms: int = 0) -> None:
    """The page as a picture when somebody wants to look (HUB_SHOTS); it never scrolls sideways."""
    # A click that leads elsewhere returns before the next document stands.
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    if SHOTS:
        page.wait_for_timeout(settle_ms)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


class Served:
    """A running web process: `url` is its root."""

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.process = process


@contextmanager
def serve(environment: dict[str, str], *, log: Path, threads: int = 4) -> Iterator[Served]:
    """The real ASGI entry under uvicorn until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "dispute_hub.asgi:application", "--port", str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, "--no-access-log"],
            cwd=ROOT,
            env={**os.environ, **environment, "HUB_WEB_THREADS": str(threads)},
            stdout=out,
            stderr=out,
        )
    served = Served(f"http://127.0.0.1:{port}", process)
    try:
        _await(f"{served.url}/healthz/live", process, log)
        yield served
    finally:
        # Whatever serves by now: a test may have put another process in its place.
        served.process.terminate()
        served.process.wait(10)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail(f"the web process did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    """What the served process reads its clock from: an instant, or signed seconds."""
    path = tmp_path / "clock"
    path.write_text("+0")
    return path


@pytest.fixture
def served(committing_db: Database, clock_file: Path, tmp_path: Path) -> Iterator[Served]:
    """The product over HTTP on this test's own database."""
    environment = {**committing_db.environment, "HUB_CLOCK_FILE": str(clock_file)}
    with serve(environment, log=tmp_path / "web.log") as running:
        yield running


@pytest.fixture
def opened(
    served: Served, committed_cast: Cast, clock_file: Path, clock: Any, page_at: Callable[..., Any]
) -> Callable[..., Any]:
    """`opened(cast.officer, 390, "/pushes/")`: the page of a logged-in person at the test's instant."""

    def run(actor: Any, width: int, path: str) -> Any:
        clock_file.write_text(clock.at.isoformat())
        page = page_at(width)
        log_in(page, served, committed_cast.client(actor))
        page.goto(served.url + path)
        return page

    return run
