"""A CPI executable whose answers a test writes.

Takes a folder, gives the cloud that it is, and what it was called with.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import (
    NO_TAGS,
    JsonValue,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    VmRequest,
)
from cpi.plugins import find_plugin

OWNER = OwnerKey(environment="env", deployment="app", action="a1")

PROGRAM = """#!{python} -I
import json, os, sys, time
request = json.load(sys.stdin)
with open({calls!r}, "a") as file:
    file.write(json.dumps([request, dict(os.environ)]) + "\\n")
answers = json.load(open({answers!r}))
default = {{"result": None, "error": None, "log": ""}}
if request["method"] == "info" and "info" not in answers:
    default["result"] = {{"api_version": 2, "stemcell_formats": ["x-light"]}}
answer = answers.get(request["method"], default)
if isinstance(answer, str):
    exec(answer)
else:
    print(json.dumps(answer))
"""


@dataclass(slots=True, kw_only=True)
class Script:
    """A CPI whose answers a test writes: a response, or Python to run instead."""

    folder: Path

    def connect(self, *, tags: Mapping[str, str] = NO_TAGS, **properties: JsonValue) -> ConnectedCloud:
        path = self.folder / "cpi"
        program = PROGRAM.format(
            python=sys.executable, calls=str(self.folder / "calls"), answers=str(self.folder / "answers")
        )
        path.write_text(program)
        path.chmod(0o755)
        settings = ConnectSettings(
            environment="env",
            state_dir=str(self.folder / "state"),
            properties={"stemcell": {"os": "ubuntu", "version": "1"}, **properties},
            tags=tags,
        )
        if not (self.folder / "answers").exists():
            self.answer()
        return find_plugin(f"exec:{path}").connect(settings)

    def answer(self, **answers: object) -> None:
        (self.folder / "answers").write_text(json.dumps(answers))

    def result(self, **results: object) -> None:
        self.answer(**{name: {"result": value, "error": None, "log": ""} for name, value in results.items()})

    def refuse(self, method: str, kind: str, message: str = "no") -> None:
        error = {"type": f"Bosh::Clouds::{kind}", "message": message, "ok_to_retry": False}
        self.answer(**{method: {"result": None, "error": error, "log": ""}})

    def calls(self) -> list[tuple[dict[str, Any], dict[str, str]]]:
        return [tuple(json.loads(line)) for line in (self.folder / "calls").read_text().splitlines()]


def vm_request() -> VmRequest:
    """One on a manual network."""
    network = NetworkSettings(name="main", kind=NetworkKind.MANUAL, ip="10.0.0.5", prefix=24, gateway="10.0.0.1")
    return VmRequest(
        name="web-0",
        owner=OWNER,
        agent_id="agent",
        stemcell_cid=StemcellCid("s"),
        networks=(network,),
        ssh=SshAccess(user="root", public_key="ssh-ed25519 AAAA key"),
        cloud_properties={"cpu": 1},
        env={"bosh": {"ntp": ["t"]}},
        tags={"deployment": "app"},
    )
