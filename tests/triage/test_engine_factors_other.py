"""The milder factors in many wordings, with what only looks like them beside each."""

from datetime import UTC, datetime

import pytest

from tests.triage.table_rows import rows
from triage.engine import Report, assess, load_rules

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
TABLE = "factors_other.psv"
PHRASINGS = 12


@pytest.mark.parametrize(("code", "expected", "kind", "narrative"), rows(TABLE))
def test_factor(code: str, expected: str, kind: str, narrative: str) -> None:
    verdict = assess(Report(narrative, AT), load_rules())
    found = {factor.code for factor in verdict.factors}
    assert (code in found) == (expected == "present"), f"{kind}: {sorted(found)}"


@pytest.mark.parametrize("code", sorted({row[0] for row in rows(TABLE)}))
@pytest.mark.parametrize("expected", ["present", "absent"])
def test_every_factor_stands_in_a_dozen_wordings_of_each_kind(code: str, expected: str) -> None:
    assert sum(row[:2] == (code, expected) for row in map(tuple, rows(TABLE))) >= PHRASINGS
