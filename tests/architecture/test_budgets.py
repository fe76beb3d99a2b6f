"""Budgets of design rule 14: what has outgrown its file becomes a package of private modules."""

import ast
from pathlib import Path

import pytest

from tests.architecture import PRODUCT, ROOT, at, functions, is_door, modules, names_of

MODULE, FUNCTION, PAGE, FRAGMENT, LINE = 300, 40, 120, 60, 110
VIEW, TASK = 15, 5


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def test_modules() -> None:
    over = {str(path.relative_to(ROOT)): _lines(path) for path in modules(*PRODUCT, "tests")}
    assert {name: lines for name, lines in over.items() if lines > MODULE} == {}


def test_functions() -> None:
    over = [
        f"{at(path, node)} {node.name}: {node.end_lineno - node.lineno + 1}"
        for path in modules(*PRODUCT, "tests")
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > FUNCTION
    ]
    assert over == []


@pytest.mark.parametrize(("door", "budget"), [("views", VIEW), ("api", VIEW), ("tasks", TASK)])
def test_doors_are_thin(door: str, budget: int) -> None:
    over = []
    for path in modules(*PRODUCT):
        if door not in names_of(path):
            continue
        for node in functions(path):
            first = node.body[1] if _is_docstring(node.body[0]) and len(node.body) > 1 else node.body[0]
            body = node.end_lineno - first.lineno + 1
            if body > budget:
                over.append(f"{at(path, node)} {node.name}: {body}")
    assert over == []


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def test_templates() -> None:
    over = {}
    for path in _templates():
        fragment = path.name.startswith("_") or "components" in path.parts
        if _lines(path) > (FRAGMENT if fragment else PAGE):
            over[str(path.relative_to(ROOT))] = _lines(path)
    assert over == {}


def test_line_lengths() -> None:
    scripts = [
        path for path in (ROOT / "dispute_hub" / "static").rglob("*") if path.suffix in {".js", ".css"}
    ]
    over = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*modules(*PRODUCT, "tests"), *_templates(), *scripts]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LINE
    ]
    assert over == []


def test_the_door_table_knows_this_project() -> None:
    assert is_door(ROOT / "intake" / "views.py")
    assert not is_door(ROOT / "intake" / "services.py")
