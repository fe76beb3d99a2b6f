"""The real web process: one entry for all of HTTP, on the database and the clock the test gives it."""

import concurrent.futures
from pathlib import Path

import httpx
from django.db import connection

from tests.browsers import Served


def others_connected() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_it_serves_this_tests_database(served: Served) -> None:
    answer = httpx.get(f"{served.url}/healthz/deep", trust_env=False).json()
    assert answer["checks"]["migrations"] == {"status": "ok", "waiting": 0}
    assert others_connected() >= 1


def test_eight_clients_at_once_hold_no_more_connections_than_threads(served: Served) -> None:
    with httpx.Client(trust_env=False) as client, concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get(f"{served.url}/healthz/ready"), range(80)))
    assert {answer.status_code for answer in answers} == {200}
    assert others_connected() <= 4


def test_its_clock_follows_the_file(served: Served, clock_file: Path) -> None:
    clock_file.write_text("+86400")
    checks = httpx.get(f"{served.url}/healthz/deep", trust_env=False).json()["checks"]
    # A day later nobody has seen beat, and the time of grace for a fresh start is over.
    assert checks["beat"]["status"] == "down"


def test_an_unknown_page_is_a_calm_404(served: Served) -> None:
    answer = httpx.get(f"{served.url}/no-such-page/", trust_env=False)
    assert answer.status_code == 404
    assert "X-Request-ID" in answer.headers
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
