"""The rules no linter has; they read the product and its tests, not what npm or pip brought."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("dispute_hub", "intake", "triage", "routing", "mediation", "followup", "reports")
DOORS = {
    "views", "api", "tasks", "urls", "middleware", "authentication", "doors", "management", "demo",
    "embedded", "settings", "health.py", "asgi.py", "celery.py", "streams", "context",
}  # fmt: skip


def modules(*folders: str) -> list[Path]:
    """Python files below these folders, migrations left out."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def is_door(path: Path) -> bool:
    """Whether the module translates between the outside and one service."""
    return bool(DOORS & names_of(path))


def names_of(path: Path) -> set[str]:
    """What a module is by its folders and its name; `rule_views` is one of the views."""
    kind = {"views"} if path.stem.endswith("_views") else set()
    return {*path.relative_to(ROOT).parts, path.stem, *kind}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
