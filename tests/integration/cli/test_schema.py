"""`compleat schema` does what its page says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support import shell_blocks
from tests.support.command import ROOT

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/howto/check-in-an-editor.md").read_text()


def test_the_page_writes_a_schema_that_checks_a_manifest(tmp_path: Path) -> None:
    (step,) = shell_blocks.read_steps(PAGE)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "COMPLEAT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    subprocess.run(["bash", "-c", step.command], cwd=tmp_path, env=environment, check=True)
    validator = Draft202012Validator(json.loads((tmp_path / "manifest.schema.json").read_text()))
    document = yaml.safe_load((ROOT / "manifests/examples/hello/hello.yml").read_text())
    assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({**document, "instance_group": []})) != []
