"""`manage.py explain_due`: reasons above, the due instant on the last line; no database."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def command(*, start: str, limit: str) -> list[str]:
    out = StringIO()
    call_command("explain_due", "--from", start, "--limit", limit, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_ends_with_the_due_instant() -> None:
    lines = command(start="2026-09-30T15:00+08:00", limit="3 working_days")
    assert lines[-1] == "2026-10-11T00:00:00+08:00"
    assert lines[-2] == "2026-10-10 周六 24:00 到期"
    assert command(start="2026-09-30T07:00Z", limit="3 working_days")[-1] == lines[-1]


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        ("2026-09-30T15:00", "3 working_days"),
        ("yesterday", "3 working_days"),
        ("2026-09-30T15:00+08:00", "soon"),
        ("9999-12-31T15:00+08:00", "9 natural_days"),
    ],
)
def test_the_command_refuses_in_words(start: str, limit: str) -> None:
    with pytest.raises(CommandError, match=r"[\u4e00-\u9fff]"):
        command(start=start, limit=limit)
