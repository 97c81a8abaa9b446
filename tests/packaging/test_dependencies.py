"""Everything that the program imports is named in pyproject.toml: in the core, or in an extra."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"blueprint", "cli"}
TO_TEST_WITH = {"dev", "build"}
# What these have is a part of what they offer: they take and give its objects.
COMES_WITH = {
    "anyio": "starlette", "keycloak": "python-keycloak", "markupsafe": "jinja2",
    "pydantic_core": "pydantic", "requests": "docker", "urllib3": "docker",
}  # fmt: skip


def imported() -> Iterator[tuple[str, str]]:
    for room in OURS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if "scaffold" in file.parts:  # what is copied into a project runs there
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    yield name.partition(".")[0], str(file.relative_to(ROOT))


def named() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"]]
    lines += [line for extra in extras.keys() - TO_TEST_WITH for line in extras[extra]]
    return {re.split(r"[\[<>=!~ ;]", line, maxsplit=1)[0].lower() for line in lines}


def test_everything_that_is_imported_is_named() -> None:
    known, providers = named(), packages_distributions()
    missing = {
        (module, file)
        for module, file in imported()
        if module not in OURS | sys.stdlib_module_names
        and COMES_WITH.get(module) not in known
        and not known & {name.lower() for name in providers.get(module, [module])}
    }
    assert missing == set()
