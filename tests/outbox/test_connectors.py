"""来源与对接: set up by one, confirmed by another; secrets told once and changed without a gap (O8, 97)."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.audit.models import AccessLog
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.simulator import Switches
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain, publish

pytestmark = pytest.mark.usefixtures("no_nudges")
GOOD = {
    "code": "street", "name": "象珠网格平台", "kind": "webhook", "url": "https://wg.example.gov.cn/orders",
    "allowed": "wg.example.gov.cn:443:10.20.0.0/16", "topics": ["order.sent"], "receipt_path": "id",
    "mapping": "orderNo=no\nlevel=grade", "rate_per_minute": "300",
}  # fmt: skip


def post(cast, who: str, path: str, **said):
    return cast.client(getattr(cast, who)).post(f"/connectors/{path}", said)


def made(cast, **changes) -> Connector:
    answer = post(cast, "system_admin", "new/", **{**GOOD, **changes})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Connector.objects.get(code="street")


def test_a_new_platform_sends_nothing_before_a_second_person_confirmed(cast, clock, monkeypatch) -> None:
    to = made(cast)
    assert (to.mapping, to.unit) == ({"orderNo": "no", "level": "grade"}, cast.units.bureau)
    publish(cast, clock)
    answers(monkeypatch)
    assert drain(clock, to) == 0
    assert post(cast, "bureau", "street/approve/", row_version=to.version).status_code == 302
    assert drain(clock, to) == 0
    post(cast, "system_admin", "street/rotate/", row_version=to.version + 1)
    assert drain(clock, to) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://elsewhere.example.gov.cn/"), ("url", "http://127.0.0.1/"),
     ("url", "file:///etc/passwd"),
     ("url", ""), ("query_url", "https://169.254.169.254/"), ("allowed", ""), ("allowed", "x"),
     ("allowed", "wg.example.gov.cn:443:0.0.0.0/0"), ("allowed", "wg.example.gov.cn:6379:10.0.0.0/8"),
     ("topics", []), ("topics", ["notice.alarm"]), ("mapping", "a"), ("mapping", "a=b\na=c"),
     ("rate_per_minute", "0"), ("rate_per_minute", "1000000000"), ("opens_at", "08:00"), ("code", "a b"),
     ("kind", "ftp"), ("code", "new"), ("name", "x" * 61), ("name", "a\x00b")],
)  # fmt: skip
def test_a_wrong_setting_is_told_at_its_field(cast, field: str, value) -> None:
    answer = post(cast, "system_admin", "new/", **{**GOOD, field: value})
    assert answer.status_code == 422
    assert 'class="hub-field-error"' in answer.content.decode()
    assert not Connector.objects.exists()


def test_a_code_is_taken_once(cast) -> None:
    made(cast)
    assert post(cast, "system_admin", "new/", **GOOD).status_code == 409


@pytest.mark.parametrize(
    ("change", "waits"),
    [({"url": "https://wg.example.gov.cn/v2"}, True), ({"allowed": "wg.example.gov.cn:443:10.0.0.0/8"}, True),
     ({"mapping": "orderNo=grade"}, True), ({"name": "新名"}, False), ({"rate_per_minute": "60"}, False)],
)  # fmt: skip
def test_what_leads_elsewhere_is_confirmed_anew(cast, change, waits: bool) -> None:
    to = made(cast)
    post(cast, "bureau", "street/approve/", row_version=to.version)
    said = {**GOOD, "url": "", **change, "row_version": to.version + 1}
    assert post(cast, "system_admin", "street/change/", **said).status_code == 302
    to.refresh_from_db()
    assert (to.approved_by is None) == waits
    assert to.url == change.get("url", GOOD["url"])


def test_an_old_form_changes_nothing(cast) -> None:
    to = made(cast)
    post(cast, "bureau", "street/approve/", row_version=to.version)
    said = {**GOOD, "name": "迟到", "row_version": to.version}
    assert post(cast, "system_admin", "street/change/", **said).status_code == 409
    assert post(cast, "bureau", "street/approve/", row_version=to.version).status_code == 409


def test_the_database_too_wants_two_persons(cast, clock) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        platforms.connector(cast, clock, approved_by=cast.system_admin.user)


def test_a_secret_is_told_once_and_the_old_one_signs_beside_it(cast, clock, grid) -> None:
    """O8: no failure while two are live."""
    to = platforms.connector(cast, clock, grid.port)
    page = post(cast, "system_admin", "grid/rotate/", row_version=to.version).content.decode()
    [fresh] = re.findall(r"whsec_[\w+/=]+", page)
    assert "whsec_" not in cast.client(cast.system_admin).get("/connectors/grid/").content.decode()
    for secret in (platforms.SECRET, fresh):
        grid.secret = secret
        publish(cast, clock)
        assert drain(clock, to) == 1
    assert OutboxRow.objects.filter(state="sent").count() == 2
    to.refresh_from_db()
    post(cast, "system_admin", "grid/retire/", row_version=to.version)
    to.refresh_from_db()
    assert (to.former_secret, to.secret) == ("", fresh)
    assert platforms.SECRET not in str(list(AccessLog.objects.values())) and fresh not in str(
        list(AccessLog.objects.values())
    )


def test_the_address_is_not_shown_again(cast, clock) -> None:
    platforms.connector(
        cast, clock, kind="message", url="dingtalk://token1234567890", topics=["notice.alarm"]
    )
    for who in (cast.system_admin, cast.bureau):
        assert "token1234567890" not in cast.client(who).get("/connectors/grid/").content.decode()


def test_the_address_for_queries_is_not_shown_again_and_stays_until_it_is_cleared(cast, clock) -> None:
    to = made(cast, query_url="https://wg.example.gov.cn/list?token=t1234567890")
    assert "t1234567890" not in cast.client(cast.system_admin).get("/connectors/street/").content.decode()
    said = {**GOOD, "url": ""}
    post(cast, "system_admin", "street/change/", **said, row_version=to.version)
    to.refresh_from_db()
    assert to.query_url.endswith("t1234567890")
    moved = {**said, "allowed": "other.example.gov.cn:443:10.20.0.0/16", "row_version": to.version}
    moved["url"] = "https://other.example.gov.cn/orders"
    assert post(cast, "system_admin", "street/change/", **moved).status_code == 422
    post(cast, "system_admin", "street/change/", **said, clears_query_url="on", row_version=to.version)
    to.refresh_from_db()
    assert (to.query_url, to.url) == ("", GOOD["url"])


@pytest.mark.parametrize(
    ("lie", "words"), [("", "对方已正常接收"), ("html", "对方答复的是网页"), ("code", "对方业务码 5001")]
)
def test_the_test_button_tells_what_the_platform_says(cast, clock, grid, lie: str, words: str) -> None:
    platforms.connector(cast, clock, grid.port)
    grid.switches = Switches(lie=lie)
    assert words in post(cast, "system_admin", "grid/test/").content.decode()
    assert not OutboxRow.objects.exists()


def test_an_unconfirmed_platform_is_not_even_tested(cast, clock) -> None:
    platforms.connector(cast, clock, approved_by=None)
    assert post(cast, "system_admin", "grid/test/").status_code == 409


def test_pause_and_resume(cast, clock) -> None:
    to = platforms.connector(cast, clock)
    post(cast, "system_admin", "grid/pause/", row_version=to.version)
    page = cast.client(cast.bureau).get("/connectors/").content.decode()
    assert "已暂停" in page
    post(cast, "system_admin", "grid/resume/", row_version=to.version + 1)
    to.refresh_from_db()
    assert not to.is_paused


def test_the_page_shows_both_directions_in_few_queries(cast, clock, django_assert_max_num_queries) -> None:
    for n in range(12):
        platforms.connector(cast, clock, code=f"p{n}", name=f"平台{n}")
    publish(cast, clock)
    browser = cast.client(cast.system_admin)
    browser.get("/connectors/")
    with django_assert_max_num_queries(7):
        page = browser.get("/connectors/").content.decode()
    assert page.count("平台1") >= 3 and "正常发送" in page


def test_another_bureau_finds_nothing(cast, clock) -> None:
    platforms.connector(cast, clock)
    far = cast.add("far", "system_admin", cast.units.city)
    assert cast.client(far).get("/connectors/grid/").status_code == 404
    assert cast.client(far).post("/connectors/grid/pause/").status_code == 404
