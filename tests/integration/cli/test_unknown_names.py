"""`-e` and `-d` with a name that is not there: every command refuses it alike, with the nearest name that is."""

import contextlib
import importlib
import io
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, SshAccess
from director.app.sessions.settings import Settings
from director.app.wiring.homes import Home
from director.app.wiring.records import open_store
from director.cli import command_table
from director.cli.door import Door
from director.cli.interrupts import Interrupts
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, EnvironmentName
from director.model.secret_ref import SecretRef
from tests.support.callers import calling
from tests.support.command import ROOT, Compleat

OF_NO_ENVIRONMENT = {
    "init": "creates the file of a new one",
    "up": "likewise, where the file is there",
    "help": "prints text",
    "interpolate": "has no -e",
    "int": "likewise",
    "interpolate-with-store": "likewise",
    "schema": "likewise",
    "cpi": "likewise",
    "version": "likewise",
    "completion": "likewise",
    "template": "a group: its commands read files alone, or are `up` with other words",
    "bundle": "a group: likewise",
    "backup": "is about the whole home",
    "restore": "likewise",
}
"""Commands that are not asked about an environment that is not there."""

OF_ANY_DEPLOYMENT = {
    "deploy": "makes it; another name than the manifest's is wrong usage: tests of bad input",
    "plan": "likewise",
    "diff": "likewise",
    "set-var": "values may be given before the first deploy; it says that there was none",
    "import-vars": "likewise",
    "delete-snapshot": "asks for a snapshot, and -d only narrows where it is looked for",
}
"""Commands with -d that accept a deployment that is not there."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the environment `trial` and its deployment `hello`, and files that examples name."""
    folder = tmp_path_factory.mktemp("home")
    folder.chmod(0o700)
    (folder / "environments").mkdir(mode=0o700)
    (folder / "environments" / "trial.yml").write_text("name: trial\ncloud: local\n")
    (folder / "manifests").symlink_to(ROOT / "manifests")
    for name in ("cpis.yml", "vars.yml", "token.txt"):
        (folder / name).write_text("a: b\n")
    name, caller = EnvironmentName("trial"), calling("up")
    environment = Environment(
        name=name,
        clouds=(CloudChoice(name=ONLY_CLOUD, plugin="local"),),
        ssh=SshAccess(user="vcap", public_key="ssh-ed25519 AAAA"),
        ssh_key=SecretRef(name="/trial/ssh"),
    )
    hello = DeploymentState(environment=name, deployment=DeploymentName("hello"), manifest="name: hello\n")
    with Home(Settings(home=str(folder), environment=name)) as opened:
        store = opened.part(open_store)
        with store.hold_lease(name, ENVIRONMENT_ITSELF, caller=caller) as lease:
            store.save_environment(lease, environment)
        with store.hold_lease(name, hello.deployment, caller=caller) as lease:
            store.save_deployment(lease, hello)
    return folder


def test_every_command_refuses_an_environment_that_is_not_there(home: Path) -> None:
    with_deployment = {name for name, _ in _examples("--deployment")}
    asked = {
        name: [*words, "-e", "trail", *(["-d", "hello"] if name in with_deployment else [])]
        for name, words in _examples("--environment")
    }
    assert len(asked) > 60
    refused = _refusals(home, asked)
    codes = {"environment-missing", "environment-file-missing"}
    assert {name: each for name, each in refused.items() if each[0] != 3 or each[1] not in codes} == {}
    assert {name: each[2] for name, each in refused.items() if "Did you mean 'trial'?" not in each[2]} == {}
    tasks = Compleat(home=home, environment="trail").run("tasks").ended(3)
    assert tasks.err.startswith("environment-missing: "), "a refused name has no history"


def test_every_command_refuses_a_deployment_that_is_not_there(home: Path) -> None:
    asked = {
        name: [*words, "-e", "trial", "-d", "helo"]
        for name, words in _examples("--deployment")
        if name not in OF_ANY_DEPLOYMENT
    }
    assert len(asked) > 25
    looking = ("tasks", "events", "history")  # before a refused change is in the history of that name
    refused = _refusals(home, {name: asked[name] for name in (*looking, *asked)})
    assert {name: each for name, each in refused.items() if each[:2] != (3, "deployment-missing")} == {}
    assert {name: each[2] for name, each in refused.items() if each[2] != "Did you mean 'hello'?"} == {}


def _examples(option: str) -> Iterator[tuple[str, list[str]]]:
    """Each command that has the option, with the arguments of its example."""
    for name, (module, _) in command_table.COMMANDS.items():
        path, _, attribute = module.partition(":")
        command: click.Command = getattr(importlib.import_module(path), attribute or "command")
        has_option = any(option in each.opts for each in command.params)
        if name in OF_NO_ENVIRONMENT or not has_option:
            continue
        example = shlex.split((command.epilog or "").partition("`")[2].partition("`")[0])[1:]
        yield name, [name, *_without_names(example[1:])]


def _without_names(words: list[str]) -> Iterator[str]:
    left = iter(words)
    for word in left:
        if word in ("-d", "-e"):
            next(left)
        elif word not in ("-n", "--json"):
            yield word.replace("jumpbox", "hello/0")  # a jumpbox is there without any deployment


def _refusals(home: Path, asked: dict[str, list[str]]) -> dict[str, tuple[int, str, str]]:
    """Exit code, code of the error and its fix, all typed in one process that has imported everything."""
    done = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import type_all; type_all()"],
        cwd=home,
        env={**Compleat(home=home, environment="local").env(), "PYTHONPATH": str(ROOT)},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    ended = json.loads(done.stdout)
    return {name: _refusal(*ended[name]) for name in asked}


def _refusal(code: int, printed: str) -> tuple[int, str, str]:
    answer = json.loads(printed) if printed.startswith("{") else {}
    (first, *_) = answer.get("errors", [{}])
    return code, str(first.get("code", printed)), str(first.get("fix", ""))


def type_all() -> None:
    """In a process of its own: what a refused command prints in JSON, and its exit code."""
    ended = {}
    for name, words in json.load(sys.stdin).items():
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = Door([*words, "-n", "--json"], Interrupts()).run()
        ended[name] = (code, out.getvalue())
    sys.stdout.write(json.dumps(ended))
