"""The SDK is one file's business, and a cloud's that was chosen."""

import ast
import subprocess
import sys
from pathlib import Path

import cpi.clouds.aws

FOLDER = Path(str(cpi.clouds.aws.__file__)).parent
SDK = ("boto3", "botocore", "s3transfer", "urllib3")


def test_only_api_and_credentials_import_the_sdk() -> None:
    importers = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if any(name.split(".")[0] in SDK for name in named):
                importers.add(path.name)
    assert importers == {"api.py", "credentials.py"}


def test_the_command_line_starts_without_the_sdk() -> None:
    program = f"import sys, director.cli.main, cpi.plugins; print([m for m in {SDK} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
