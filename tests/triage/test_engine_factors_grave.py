"""The factors of bodily danger as they are said, and as they are denied, past, feared, told or harmless."""

from datetime import UTC, datetime

import pytest

from tests.triage.table_rows import rows
from triage.engine import Report, assess, load_rules

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
TABLE = "factors_grave.psv"


@pytest.mark.parametrize(("code", "expected", "kind", "narrative"), rows(TABLE))
def test_factor(code: str, expected: str, kind: str, narrative: str) -> None:
    verdict = assess(Report(narrative, AT), load_rules())
    found = {factor.code for factor in verdict.factors}
    assert (code in found) == (expected == "present"), f"{kind}: {sorted(found)}"


def test_every_factor_has_as_many_phrasings_beside_it_as_for_it() -> None:
    for code in {row[0] for row in rows(TABLE)}:
        said = [row[1] for row in rows(TABLE) if row[0] == code]
        assert said.count("present") >= 12, code
        assert said.count("absent") >= 12, code
