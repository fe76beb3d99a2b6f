"""对账 and the page of one platform at desk and phone: nothing overflows, one click cures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.common import time
from dispute_hub.outbox import services
from dispute_hub.outbox.models import Connector, Difference, OutboxRow
from dispute_hub.outbox.topics import FOR_PLATFORMS
from tests.browsers import shot
from tests.outbox import platforms
from tests.outbox.platforms import drain, publish
from tests.outbox.test_reconciling import seed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("no_nudges")]


@pytest.fixture
def cast(committed_cast):
    """The browser's process reads what is committed."""
    return committed_cast


@pytest.fixture
def compared(cast, clock, grid, clock_file) -> Connector:
    """A platform with twenty differences and a certificate that ends."""
    ends_at = clock.at + timedelta(days=6, hours=1)
    to = platforms.connector(cast, clock, grid.port, topics=list(FOR_PLATFORMS), certificate_ends_at=ends_at)
    rows = [publish(cast, clock, n=n, case_id=n) for n in range(30)]
    drain(clock, to)
    clock.advance(minutes=5)
    seed(clock, grid, [OutboxRow.objects.get(pk=row.pk) for row in rows])
    services.reconcile(to.pk, clock=lambda: clock.at)
    clock_file.write_text(clock.at.astimezone(time.BEIJING).isoformat())
    return to


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_fits_and_one_click_cures(cast, compared, opened, width: int) -> None:
    page = opened(cast.bureau, width, "/reconciliation/")
    assert page.locator("tr.hub-row").count() == 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"reconciliation-{width}")
    page.get_by_role("button", name="重新发送").first.click()
    page.get_by_text("消息编号不变").wait_for()
    assert Difference.objects.filter(cure="resent").count() == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_of_a_platform_fits(cast, compared, opened, width: int) -> None:
    page = opened(cast.bureau, width, "/connectors/grid/")
    assert page.get_by_text("剩6天").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"connector-{width}")
    page.goto(page.url.rsplit("/connectors/", 1)[0] + "/")
    assert page.get_by_role("link", name="对账").count() == 1
    shot(page, f"workbench-{width}")
