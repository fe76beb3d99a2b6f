"""Rows of a sweep, each on its own."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from dispute_hub.common.alone import each_alone


def test_one_that_fails_keeps_no_other_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def act(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        return number

    assert each_alone([1, 2, 3], act, named=lambda number: f"row {number}") == 4
    assert [record.row for record in caplog.records] == ["row 2"]


def test_a_database_that_is_gone_ends_the_sweep() -> None:
    done = []

    def act(number: int) -> bool:
        if number == 2:
            raise OperationalError
        done.append(number)
        return True

    with pytest.raises(OperationalError):
        each_alone([1, 2, 3], act)
    assert done == [1]
