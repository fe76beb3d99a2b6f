"""Each run has databases of its own, and a commit in one test is gone in the next."""

import pytest
from django.db import connection

from tests.databases import Database


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


@pytest.mark.parametrize("round_", [1, 2])
def test_a_commit_reaches_no_other_test(committing_db: Database, round_: int) -> None:
    assert "left_behind" not in _tables()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind ()")


@pytest.mark.django_db
def test_the_worker_has_a_migrated_clone() -> None:
    assert "django_session" in _tables()
    assert connection.settings_dict["NAME"].startswith("hub_test_")
