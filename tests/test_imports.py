"""What imports what: arrows point one way, and importing nnlib costs next to nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib

PACKAGE = Path(nnlib.__file__).parent
ALLOWED = {  # each room, and those that it may import from
    "__init__": {"exercises"},
    "__main__": {"commands"},
    "commands": {
        *("grading", "course", "lessons", "trial", "exercises", "checking", "downloads", "files")
    },
    "grading": {"lessons", "trial", "exercises", "checking", "files"},
    "course": {"lessons", "trial", "exercises", "checking", "files"},
    "lessons": {"trial", "files"},
    "trial": {"exercises", "checking"},
    "exercises": {"checking"},
    "checking": set(),
    "widgets": {"plots"},
    "plots": set(),
    "data": {"downloads", "vision"},
    "downloads": {"vision"},
    "training": set(),
    "vision": set(),
    "files": set(),
    "errors": set(),
    "seen": set(),
}


def imported(path: Path) -> set[str]:
    """The parts of nnlib that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        assert not any(name.endswith(".*") for name in names), f"{path}: import * hides names"
        found |= {name.split(".")[1] for name in names if name.startswith("nnlib.")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_imports_point_one_way(path):
    room = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert room in ALLOWED, "a new room of nnlib: say here what it may import"
    assert imported(path) <= ALLOWED[room] | {room, "errors"}


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    names = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    return {name.split(".")[0] for name in names}


def test_importing_nnlib_loads_nothing_heavy():
    assert not loaded_by("import nnlib") & {
        "torch",
        "matplotlib",
        "sklearn",
        "requests",
        "ipywidgets",
    }


def test_checking_an_answer_needs_torch_alone():
    loaded = loaded_by("from nnlib import check, hint")
    assert not loaded & {"torchvision", "matplotlib", "sklearn", "nbformat", "IPython", "requests"}


def test_torchvision_works_beside_this_torch():
    from nnlib.vision import torchvision  # first: it is what makes the next line work

    from torchvision.transforms import v2  # isort: skip

    assert torchvision.models.resnet18(weights=None).fc.out_features == 1000
    assert v2.CenterCrop(2) is not None
