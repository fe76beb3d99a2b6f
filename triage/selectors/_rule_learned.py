"""The learned part of a rule set: which model, from what it was trained, how well it was proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from triage.engine.learned import model_meta, stored_models

# Figures of the cross-validation as people call them; shares between 0 and 1 but for kappa.
_FIGURES: Final = (
    ("red_recall", "红色查全"), ("red_precision", "红色查准"), ("red_orange_recall", "红橙查全"),
    ("red_orange_precision", "红橙查准"), ("kappa", "分级一致性"), ("colour_exact", "预警色完全一致"),
    ("dispute_accuracy", "是否纠纷"), ("side_accuracy", "公安或非公安"), ("class_top1", "大类首选"),
    ("item_top1", "事项首选"), ("item_top3", "事项前三"), ("factor_f1", "危险因素F1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LearnedView:
    """The learned part as a page shows it; no `data_version` when the package does not have the model.

    `own` holds the factors that ask for another certainty than `sure_from`, by name.
    """

    model: str
    sure_from: float | None
    doubt_below: float
    own: list[tuple[str, float]]
    alerts: str = ""
    data_version: str = ""
    folds: int = 0
    figures: tuple[tuple[str, str], ...] = ()


def learned_view(content: Mapping[str, Any]) -> LearnedView:
    """The learned part of a version; no query."""
    stored = content.get("learned", {})
    name = str(stored.get("model", ""))
    sure, doubt = stored.get("sure_from"), float(stored.get("doubt_below", 0))
    own = [(str(one["name"]), one["sure_from"]) for one in content.get("factor", ()) if "sure_from" in one]
    meta = model_meta(name) if name in stored_models() else None
    if meta is None:
        return LearnedView(name, sure, doubt, own)
    proof = meta.get("proof", {})
    return LearnedView(
        model=name,
        sure_from=sure,
        doubt_below=doubt,
        own=own,
        alerts=f"{int(meta.get('alerts', 0)):,}",
        data_version=str(meta.get("corpus", ""))[:12] or name,
        folds=int(meta.get("folds", 0)),
        figures=tuple((label, _said(key, proof[key])) for key, label in _FIGURES if key in proof),
    )


def model_choices(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Models that a version may name: none, those of the package, and the one it names now."""
    named = str(content.get("learned", {}).get("model", ""))
    known = stored_models()
    choices = [("", "不使用学习模型"), *((name, _label(name)) for name in known)]
    return choices if not named or named in known else [*choices, (named, f"{named}（本产品没有）")]


def _label(name: str) -> str:
    return f"{name}（语料{int(model_meta(name).get('alerts', 0)):,}条）"


def _said(key: str, value: float) -> str:
    return f"{value:.2f}" if key == "kappa" else f"{100 * value:.1f}%"
