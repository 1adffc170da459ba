"""Bundles of several deployments: in the order of what they depend on, with steps at the end that are done once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.command import ROOT, Compleat, Ran

pytestmark = pytest.mark.slow

HELLO = ROOT / "manifests/examples/hello"
STEP = {
    "name": "make-organisation",
    "deployment": "second",
    "instance_group": "hello",
    "command": 'test -z "$(cat)" && echo "$ADMIN" > organisation',
    "unless": 'test "$(cat organisation)" = "$ADMIN"',
    "env": {"ADMIN": "admin_password"},
}


class Shop:
    """A bundle of two deployments, listed the wrong way round, on an environment that is up."""

    def __init__(self, compleat: Compleat, folder: Path) -> None:
        self.compleat = compleat
        self.folder = folder
        manifest = yaml.safe_load((HELLO / "hello.yml").read_text())
        release = {"name": "hello", "version": "create", "url": f"file://{HELLO}/release"}
        variables = [{"name": "admin_password", "type": "password"}]
        for name in ("first", "second"):
            tree = {**manifest, "name": name, "releases": [release], "variables": variables}
            (folder / f"{name}.yml").write_text(yaml.safe_dump(tree))

    def up(self, **step: object) -> Ran:
        """`up` with a step at the end."""
        index = {
            "name": "shop",
            "deployments": [{"manifest": "second.yml", "depends_on": ["first"]}, {"manifest": "first.yml"}],
            "post_steps": [{**STEP, **step}],
        }
        (self.folder / "index.yml").write_text(yaml.safe_dump(index))
        return self.compleat.run("up", "-n", "--bundle", str(self.folder), "--json")

    def on_vm(self, command: str) -> str:
        """What a command prints on the second deployment's VM."""
        return self.compleat.run("ssh", "-d", "second", "hello/0", "-c", command).ended().out.strip()


@pytest.fixture
def shop(platform: Compleat, tmp_path: Path) -> Iterator[Shop]:
    """Both deployments are deleted afterwards."""
    yield Shop(platform, tmp_path)
    for name in ("second", "first"):
        platform.run("delete-deployment", "-n", "-d", name, "--force").ended()


def test_steps_after_the_errands_are_done_once_and_their_secrets_are_in_no_argument_and_no_output(shop: Shop) -> None:
    first = shop.up().ended()
    secret = shop.compleat.run("creds", "-d", "second", "admin_password").ended().out.strip()
    assert first.json["make-organisation"] == "done"
    assert first.err.index("'first'") < first.err.index("'second'")
    assert shop.on_vm("cat organisation") == secret
    assert secret not in first.out + first.err
    again = shop.up().ended()
    assert again.json["make-organisation"] == "nothing to do"
    words = shop.up(unless="false", command='tr "\\0" " " < /proc/$$/cmdline > words').ended(1)
    assert "post-step-not-done" in words.err
    assert secret not in shop.on_vm("cat words")
    failed = shop.up(unless="false", command='echo "no $ADMIN" >&2; exit 7').ended(1)
    assert "post-step-failed: Step 'make-organisation' failed on hello/0 with exit code 7." in failed.err
    assert (secret in failed.err, "no <redacted>" in failed.err) == (False, True)
    plan = shop.compleat.run("plan", "--bundle", str(shop.folder)).ended()
    assert ("on disk" in plan.out, "Nothing is to be downloaded." in plan.out) == (True, True)
