"""Modules that are put in their places unloaded: reading of them finds all that they have."""

import subprocess
import sys

import pytest

from tests.support.command import ROOT

_LATE = "from director.cli import late_modules, main; import importlib, sys; "


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("late_modules.load_late(['csv']); import csv; print('_csv' in sys.modules)", "False"),
        ("late_modules.load_late(['csv']); import csv; print(csv.QUOTE_ALL, '_csv' in sys.modules)", "1 True"),
        ("late_modules.load_late(['csv']); from csv import QUOTE_ALL; print(QUOTE_ALL)", "1"),
        ("late_modules.load_late(['csv']); import csv; print(hasattr(csv, 'nothing'))", "False"),
    ],
)
def test_a_late_module_is_loaded_by_the_first_attribute_read(code: str, printed: str) -> None:
    assert _printed(code) == printed


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("from importlib.metadata import entry_points; print('email' in sys.modules)", "False"),
        ("from importlib.metadata import entry_points; print(len(entry_points(group='nothing')))", "0"),
        ("from importlib.metadata import version; print(bool(version('click')))", "True"),
        ("import importlib.metadata; print(bool(importlib.metadata.version('click')))", "True"),
        (
            "import importlib.metadata as m; m.version; import importlib.metadata as n; print(n.version('pip') > '')",
            "True",
        ),
    ],
)
def test_a_late_function_is_imported_without_its_module_and_loads_it_when_called(code: str, printed: str) -> None:
    assert _printed(f"late_modules.load_late_with('importlib.metadata', 'entry_points'); {code}") == printed


def _printed(code: str) -> str:
    """Of a process of its own, for what is imported stays."""
    done = subprocess.run([sys.executable, "-c", _LATE + code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_a_plan_imports_what_downloads_and_deploys_only_when_it_does() -> None:
    slow = "{'ssl', 'http.client', 'director.execute.front', 'jinja2', 'paramiko'}"
    modules = "director.app.wiring.blobs", "director.app.wiring.clouds", "director.cli.commands.plan"
    code = f"import sys, {', '.join(modules)}; print(sorted({slow} & set(sys.modules)))"
    assert _printed(code) == "[]"
