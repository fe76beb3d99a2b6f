"""The engine on whole alerts with their labels, and the command that prints the figures."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.core.management import call_command

from tests.triage.table_rows import rows
from triage.engine import load_rules, load_taxonomy
from triage.engine.scoring import figures, score_cases

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
TABLES = ["alerts.psv", "alerts_more.psv", "alerts_third.psv", "alerts_fourth.psv", "alerts_fifth.psv"]
FIELDS = [
    "n",
    "dispute_accuracy",
    "side_accuracy",
    "class_top1",
    "class_top3",
    "item_top1",
    "item_top3",
    "colour_exact",
    "kappa",
    "red_recall",
    "red_precision",
    "red_orange_recall",
    "red_orange_precision",
    "factor_f1",
    "ms_per_case",
]


def cases(table: str) -> list[dict[str, Any]]:
    """The table's rows in the shape of a labelled file."""
    made = []
    for number, (colour, items, factors, narrative, priors) in enumerate(rows(table)):
        earlier = [entry.split(":") for entry in priors.split(";")] if priors != "-" else []
        codes = items.split(",")
        made.append(
            {
                "id": f"{table}:{number}",
                "source": "110",
                "received_at": AT.isoformat(),
                "narrative": narrative,
                "prior_alerts": [
                    {
                        "received_at": (AT - timedelta(days=int(days))).isoformat(),
                        "outcome": outcome,
                        "narrative": words,
                    }
                    for days, outcome, words in earlier
                ],
                "expected": {
                    "dispute": colour != "X",
                    "item": codes[0],
                    "alternatives": codes[1:],
                    "colour": None if colour == "X" else colour,
                    "factors": [code for code in factors.split(",") if code],
                },
            }
        )
    return made


@pytest.mark.parametrize("table", TABLES)
def test_red_is_never_missed_and_the_rest_mostly_right(table: str) -> None:
    result = figures(score_cases(cases(table), load_rules()))
    assert result["red_recall"] == 1.0
    assert result["red_precision"] >= 0.95
    assert result["red_orange_recall"] >= 0.97
    assert result["kappa"] >= 0.95
    assert result["dispute_accuracy"] >= 0.97
    assert result["item_top1"] >= 0.93
    assert result["factor_f1"] >= 0.93


@pytest.mark.parametrize("table", TABLES)
def test_the_labels_of_the_tables_are_items_of_the_taxonomy(table: str) -> None:
    for case in cases(table):
        assert {case["expected"]["item"], *case["expected"]["alternatives"]} <= set(load_taxonomy().items)
        assert set(case["expected"]["factors"]) <= set(load_rules().factors)


@pytest.mark.parametrize(
    ("colour", "factors", "kappa", "f1"),
    [("red", ["weapon"], 1.0, 1.0), ("yellow", ["weapon"], 0.0, 1.0), ("red", ["injury"], 1.0, 0.0)],
)
def test_figures_fall_when_a_label_differs(colour: str, factors: list[str], kappa: float, f1: float) -> None:
    case = {
        "narrative": "对方手持菜刀站在门口要打人。",
        "received_at": AT.isoformat(),
        "expected": {"dispute": True, "item": "P0504", "colour": colour, "factors": factors},
    }
    result = figures(score_cases([case], load_rules()))
    assert (result["kappa"], result["factor_f1"]) == (kappa, f1)


def test_the_command_prints_one_flat_object_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in cases("alerts.psv")), "utf-8")
    out = StringIO()
    call_command("evaluate_triage", str(file), "--json", stdout=out)
    result = json.loads(out.getvalue())
    assert list(result) == FIELDS
    assert result["n"] == len(cases("alerts.psv"))


def test_a_case_takes_a_few_milliseconds() -> None:
    alerts, rules = cases("alerts.psv"), load_rules()
    before = process_time()
    score_cases(alerts, rules)
    assert (process_time() - before) / len(alerts) < 0.005
