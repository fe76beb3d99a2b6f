"""`manage.py reassess --jobs 2` as it is typed: processes of their own, one result."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from intake.models import Alert
from tests.databases import ROOT, Database
from tests.triage.conftest import KNIFE, PUSHED, call_some
from tests.triage.test_reassess import put_in_force
from triage.models import Assessment

pytestmark = pytest.mark.slow


@pytest.fixture
def cast(committed_cast):
    """The processes read what is committed."""
    return committed_cast


def test_two_processes_do_it_once(committing_db: Database, cast, source, call, clock) -> None:
    for number in range(3):
        call_some(call, clock)
        call(KNIFE, phone=f"1380000100{number}")
        call(PUSHED, phone=f"1380000200{number}")
    rules = put_in_force("2", clock, {"yellow": "red"})
    number = Alert.objects.count()
    command = [sys.executable, "manage.py", "reassess", "--since", "2026-03-01", "--until", "2026-12-31"]
    environment = {**os.environ, **committing_db.environment}
    done = subprocess.run(
        [*command, "--jobs", "2"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert f"共 {number} 条：重新研判 {number}，无需再判 0，出错 0" in done.stdout
    made = Assessment.objects.filter(rule_digest=rules.digest)
    assert made.count() == made.values("alert").distinct().count() == number
