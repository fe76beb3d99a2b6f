"""Every factor as it is said, and as it is denied, past, feared, told of others, idiom or harmless."""

from datetime import UTC, datetime

import pytest

from tests.triage.table_rows import rows
from triage.engine import Report, assess, load_rules

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(("code", "expected", "kind", "narrative"), rows("factors.psv"))
def test_factor(code: str, expected: str, kind: str, narrative: str) -> None:
    verdict = assess(Report(narrative, AT), load_rules())
    found = {factor.code for factor in verdict.factors}
    assert (code in found) == (expected == "present"), f"{kind}: {sorted(found)}"


def test_every_factor_of_the_rule_set_stands_in_the_table() -> None:
    present = [row[0] for row in rows("factors.psv") if row[1] == "present"]
    for code in load_rules().factors:
        assert present.count(code) >= 3, code


def test_evidence_is_the_exact_words_of_the_narrative() -> None:
    for _, _, _, narrative in rows("factors.psv"):
        for factor in assess(Report(narrative, AT), load_rules()).factors:
            for span in factor.evidence:
                if span.in_narrative:
                    assert narrative[span.start : span.end] == span.text
