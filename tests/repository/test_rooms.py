"""Each room of the package imports what its ``__init__`` says, and nothing imports upwards."""

import ast
import fnmatch
import graphlib
import subprocess
import sys

import pytest

from diptych.grading import version

# Who may import what of the package: a module's own line, or else its room's.
ALLOWED = {
    "diptych": ["book.compare", "book.errors", "book.gradients"],
    "catalogue": ["catalogue.*"],  # the components are loaded by name
    "components": ["components.*", "catalogue.*"],
    "warm": ["warm.*"],
    "forbidden": ["forbidden.*", "catalogue.*"],
    "forbidden.dependencies": [],
    "forbidden.functions": [],
    "forbidden.in_tensorflow": ["forbidden.functions"],
    "forbidden.in_torch": [],
    "forbidden.mentions": ["forbidden.dependencies"],
    "forbidden.witness": ["forbidden.functions", "forbidden.in_tensorflow", "forbidden.in_torch"],
    "book": ["book.*", "catalogue.*"],
    "book.compare": [],
    "book.errors": [],
    "book.gradients": ["book.compare"],
    "book.plots": ["book.compare"],
    "book.lab": ["warm.quiet"],
    "judging": ["judging.*", "catalogue.*"],
    "judging.faults": [],
    "judging.adapter": ["judging.faults"],
    "judging.in_torch": ["judging.adapter", "judging.faults"],
    "judging.in_keras": ["judging.adapter", "judging.faults"],
    "judging.worker": [
        *("forbidden.witness", "judging.adapter", "judging.faults"),
        *("judging.in_keras", "judging.in_torch"),
    ],
    "judging.check": ["judging.*", "catalogue.*", "forbidden.operations", "book.plots"],
    "judging.origin": ["forbidden.dependencies"],
    "learning": [
        *("learning.*", "catalogue.*", "judging.*", "warm.quiet"),
        *("book.execution", "book.lab", "book.notebooks"),
        "diptych",
    ],
    "learning.paths": ["catalogue.lines"],
    "learning.path_list": ["learning.paths"],
    "isolation": ["isolation.*"],
    "isolation.outline": ["forbidden.dependencies", "forbidden.mentions"],
    "isolation.place": ["isolation.*", "warm.child", "warm.client", "warm.identity"],
    "isolation.process": ["isolation.*", "warm.child"],
    "isolation.child": [
        *("isolation.cells", "isolation.packing", "isolation.reading", "isolation.sandbox"),
        *("isolation.standins", "isolation.wire", "judging.faults", "judging.worker"),
        # what a notebook may import
        *("book", "book.compare", "book.errors", "book.gradients", "book.plots"),
    ],
    "grading": ["grading.*", "catalogue.*", "forbidden.*", "isolation.*", "judging.*"],
    "grading.figures": ["book.plots", "catalogue.exercise", "judging.curve"],
    "grading.version": ["diptych"],
    "site": ["site.*", "catalogue.*", "diptych"],
    "site.figures": ["book.plots"],
    "site.pages": ["book.errors"],
    "site.paths": ["learning.path_list", "learning.paths"],
    "cli": ["book.*", "catalogue.*", "grading.*", "learning.*"],
}

# Besides the package and the standard library; what is not listed here is free.
LIBRARIES = {
    "catalogue": {"numpy"},
    "catalogue.atlas": {"rich"},
    "components": {"numpy"},
    "forbidden": set(),
    # They look at frameworks that are there, or record what those run.
    "forbidden.in_tensorflow": {"tensorflow"},
    "forbidden.in_torch": {"torch"},
    "forbidden.record": {"numpy", "tensorflow", "torch"},
    "site": {"docutils", "sphinx"},
    "site.formulas": {"docutils", "math_core", "sphinx"},
    "site.fonts.subset": {"fontTools"},
    "site.running": {"hatchling", "sphinx", "yaml"},
}


def modules():
    """Module without ``diptych.`` → its file."""
    found = {}
    for file in version.PACKAGE.rglob("*.py"):
        parts = file.relative_to(version.PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__") or "diptych"] = file
    return found


MODULES = modules()


def statements(file):
    """The names that a file imports, in functions, too: ``a.b`` for ``from a import b``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: this import is relative"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported(file):
    """The modules of the package that a file imports."""
    names = [n for n in statements(file) if n.split(".")[0] == "diptych"]
    plain = [name.removeprefix("diptych.") for name in names]
    return {name if name in MODULES else name.rpartition(".")[0] or "diptych" for name in plain}


IMPORTS = {module: imported(file) for module, file in MODULES.items()}


def room(module):
    return module.split(".")[0]


def rule(module):
    return ALLOWED[module if module in ALLOWED else room(module)]


def upwards(module, imports):
    """What ``module`` must not import, among ``imports``."""
    return {
        name for name in imports if not any(fnmatch.fnmatch(name, each) for each in rule(module))
    }


@pytest.mark.parametrize("module", IMPORTS)
def test_a_module_imports_what_its_room_may(module):
    assert not upwards(module, IMPORTS[module])


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("catalogue.component", "components.activations.gates"),
        ("components.activations.softmaxes", "judging.oracle"),
        ("warm.server", "book.plots"),
        ("forbidden.mentions", "forbidden.operations"),
        ("forbidden.witness", "catalogue.component"),
        ("book.compare", "book.plots"),
        ("book.notebooks", "judging.check"),
        ("judging.worker", "judging.oracle"),
        ("judging.judge", "forbidden.operations"),
        ("isolation.child", "isolation.run"),
        ("isolation.child", "judging.judge"),
        ("isolation.run", "forbidden.operations"),
        ("isolation.wire", "catalogue.exercise"),
        ("grading.batch", "site.pages"),
        ("grading.marking", "components.activations.gates"),
        ("site.pages", "grading.marking"),
        ("diptych", "judging.check"),
        ("judging.check", "learning.state"),
        ("grading.marking", "learning.state"),
    ],
)
def test_an_import_upwards_would_be_found(module, name):
    assert {module, name} <= IMPORTS.keys()
    assert upwards(module, {name}) == {name}


def test_no_rule_allows_what_nothing_needs():
    assert ALLOWED.keys() <= MODULES.keys()
    for who, allowed in ALLOWED.items():
        under = [m for m in MODULES if rule(m) is allowed]
        needed = {name for module in under for name in IMPORTS[module]}
        assert [each for each in allowed if not fnmatch.filter(needed, each)] == [], who


def test_no_modules_and_no_rooms_import_each_other_in_a_circle():
    rooms = {}
    for module, imports in IMPORTS.items():
        rooms.setdefault(room(module), set()).update(map(room, imports))
    between = {name: imports - {name} for name, imports in rooms.items()}
    for graph in (IMPORTS, between):
        graphlib.TopologicalSorter(graph).prepare()  # raises CycleError


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in LIBRARIES])
def test_what_is_read_without_frameworks_imports_few_libraries(module):
    names = {name.split(".")[0] for name in statements(MODULES[module])}
    assert names - sys.stdlib_module_names - {"diptych"} <= LIBRARIES.get(
        module, LIBRARIES[room(module)]
    )


def loaded(program):
    """The modules that a fresh interpreter has after ``program``."""
    program += "\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_the_child_that_runs_a_notebook_holds_no_answer():
    found = loaded("import diptych.isolation.child")
    assert "diptych.judging.worker" in found
    assert {name.split(".")[1] for name in found if name.startswith("diptych.")} == {
        *("book", "forbidden", "isolation", "judging")
    }
    assert not found & {f"diptych.judging.{name}" for name in ("oracle", "judge", "check")}
    assert "diptych.forbidden.operations" not in found


def test_the_catalogue_is_read_without_a_framework():
    found = loaded("from diptych.catalogue.component import catalogue; assert catalogue()")
    assert "diptych.components.activations.gates" in found
    assert not found & {"torch", "tensorflow", "keras"}
