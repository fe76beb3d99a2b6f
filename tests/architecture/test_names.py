"""Names say what a thing is; the forbidden ones are where code goes to be forgotten (design, rule 11)."""

import ast
import re

from tests.architecture import PRODUCT, ROOT, at, functions, modules, tree

FILES = {"utils.py", "helpers.py", "constants.py", "signals.py", "utils", "helpers", "admin.py"}
WORDS = {
    "Manager",
    "Managers",
    "Helper",
    "Helpers",
    "Util",
    "Utils",
    "Data",
    "Info",
    "Handle",
    "Handler",
    "Process",
}
VERBS = ("process_", "handle_")
# What Django and logging call by these names.
FRAMEWORK = {"handle", "process_exception", "process_view", "process_template_response"}


def test_no_drawer_files() -> None:
    found = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*") if path.name in FILES]
    assert found == []


def test_no_empty_class_names() -> None:
    found = []
    for path in modules(*PRODUCT):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and WORDS & set(re.findall(r"[A-Z][a-z0-9]*", node.name)):
                found.append(f"{at(path, node)} {node.name}")
    assert found == []


def test_no_function_that_only_processes() -> None:
    found = [
        f"{at(path, node)} {node.name}"
        for path in modules(*PRODUCT)
        for node in functions(path)
        if node.name.lstrip("_").startswith(VERBS) and node.name not in FRAMEWORK
    ]
    assert found == []


def test_every_advisory_lock_has_a_number_of_its_own() -> None:
    """Two verbs with one number would wait for each other, or believe the other one's work done."""
    found = [
        number
        for path in modules(*PRODUCT)
        for number in re.findall(r"^\w+_LOCK(?:: Final)? = (\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(found) >= 6
    assert len(found) == len(set(found))
