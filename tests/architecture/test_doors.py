"""Only doors read the clock and the request; everything below is told `at` and `actor`."""

import ast
from pathlib import Path

import grimp
import pytest

from tests.architecture import PRODUCT, ROOT, at, functions, is_door, modules, names_of, tree

REFUSALS = ROOT / "dispute_hub" / "common" / "errors.py"  # an error may not know when
CLOCK = ROOT / "dispute_hub" / "common" / "time.py"
NODE_CLOCKS = {
    ("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("timezone", "localtime"), ("timezone", "localdate"),
}  # fmt: skip
DOOR_NAMES = ("views", "api", "tasks", "urls")


def _calls(path: Path):
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def _dotted(node: ast.AST) -> tuple[str, str]:
    if isinstance(node, ast.Attribute):
        value = node.value
        owner = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
        return owner, node.attr
    return "", getattr(node, "id", "")


def test_one_clock() -> None:
    found = [
        at(path, call)
        for path in modules(*PRODUCT)
        if path != CLOCK
        for call in _calls(path)
        if _dotted(call.func) in NODE_CLOCKS
    ]
    assert found == []


def test_only_doors_ask_the_clock() -> None:
    found = [
        at(path, call)
        for path in modules(*PRODUCT)
        if path != CLOCK and not is_door(path) and _imports_clock(path)
        for call in _calls(path)
        if _dotted(call.func) == ("time", "now")
    ]
    assert found == []


def _imports_clock(path: Path) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "dispute_hub.common"
        and any(alias.name == "time" for alias in node.names)
        for node in ast.walk(tree(path))
    )


def test_at_and_actor_have_no_default_below_the_doors() -> None:
    found = []
    for path in modules(*PRODUCT):
        if is_door(path) or path == REFUSALS:
            continue
        for node in functions(path):
            arguments = node.args
            positional = arguments.posonlyargs + arguments.args
            given = positional[len(positional) - len(arguments.defaults) :] if arguments.defaults else []
            given += [
                one
                for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                if default
            ]
            if {"at", "actor"} & {one.arg for one in given}:
                found.append(f"{at(path, node)} {node.name}")
    assert found == []


@pytest.mark.parametrize("door", ["views", "api"])
def test_doors_leave_queries_to_selectors(door: str) -> None:
    found = [
        at(path, node)
        for path in modules(*PRODUCT)
        if door in names_of(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert found == []


def test_business_time_never_waits_in_the_broker() -> None:
    # Past the visibility timeout such a task is run again and again (celery issues 1307, 4991).
    found = [
        at(path, call)
        for path in modules(*PRODUCT)
        for call in _calls(path)
        if {"eta", "countdown"} & {word.arg for word in call.keywords}
    ]
    assert found == []


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PRODUCT, cache_dir=None)


def test_nobody_below_imports_a_door(graph: grimp.ImportGraph) -> None:
    found = []
    for module in graph.modules:
        # What doors are made of (`common.api`) is the kernel's, though it bears the name.
        names = {*module.split("."), module.rpartition("_")[2]}
        if not names & set(DOOR_NAMES) or module.startswith("dispute_hub.common"):
            continue
        for importer in graph.find_modules_that_directly_import(module):
            if not is_door(ROOT / f"{importer.replace('.', '/')}.py"):
                found.append(f"{importer} -> {module}")
    assert found == []


def test_every_package_is_placed() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(PRODUCT)
