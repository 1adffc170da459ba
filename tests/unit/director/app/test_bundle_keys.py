"""Every accepted key of a bundle's index has an effect, is refused with an error, or is for its readers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.contract.values import Endpoint
from director.app.landing import logins
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview, bundle_stemcells, up
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.errors import InputError
from director.model.agents.agent_address import AgentTarget
from director.model.cloud_names import ONLY_CLOUD
from director.model.documents import Source
from director.model.environments.environment import Environment, Jumpbox
from director.model.report import ReportLine
from director.model.written.bundle import Bundle
from director.ports.login_checks import LoginCheck
from director.text import front as texts
from tests.support import flow, key_walk, worlds
from tests.support.callers import calling
from tests.support.deaths import Deaths
from tests.support.key_walk import Acts, Document, Saying, Says, ShownBy
from tests.support.sessions import ROOT, session_of
from tests.support.simulation import Simulation
from tests.support.stemcell_tarballs import write_stemcell
from tests.support.wants import DEPLOYMENT, ENVIRONMENT, small

_HERE = "tests/unit/director/app/test_bundle_keys.py"
_READERS = ShownBy(f"{_HERE}::test_what_is_for_readers_changes_nothing")
_LOGIN = ShownBy(f"{_HERE}::test_how_an_endpoint_is_tried")
_SHOWN = ShownBy(f"{_HERE}::test_how_the_logins_are_shown")
_STEPS = ShownBy(
    "tests/e2e/test_bundles.py::"
    "test_steps_after_the_errands_are_done_once_and_their_secrets_are_in_no_argument_and_no_output"
)
_D, _R, _B, _S, _O, _C = "deployments[]", "report{}", "releases[]", "post_steps[]", "sources[]", "stemcells[]"
_STEMCELL = {
    "deployments[].manifest": "own.yml",
    "stemcells": [{"name": "own-linux", "version": "3.1", "os": "own-linux", "url": "own-3.1.tgz"}],
}
_UPLOADED = ShownBy("tests/e2e/test_bundle_files.py::test_a_bundle_is_applied_without_a_packet_to_the_outside")
_SOURCE = {
    "deployments[].ops": ["s/ops.yml"],
    "sources": [
        {"name": "s", "version": "1", "url": "s", "files": {"ops.yml": f"sha1:{hashlib.sha1(b'[]').hexdigest()}"}}
    ],
}
_PLACES = ShownBy("tests/unit/director/app/test_bundle_downloads.py::test_where_documents_of_a_source_are")
_RELEASE = {"deployments[].manifest": "listing.yml", "releases": [{"name": "r", "version": "1", "url": "r.tgz"}]}
_STEP = {
    "post_steps": [
        {"name": "step", "deployment": "hello", "instance_group": "hello", "command": "true", "unless": "false"}
    ]
}
KEYS: Mapping[str, Saying] = {
    "name": _READERS,
    "description": _READERS,
    f"{_D}.manifest": Acts("hello.yml", "other.yml"),
    f"{_D}.ops": Acts([], ["ops.yml"]),
    f"{_D}.cloud_ops": Acts({}, {"memory": ["ops.yml"]}),
    f"{_O}.name": Says("t", "bundle-source-unused", under=_SOURCE),
    f"{_O}.version": _PLACES,
    f"{_O}.url": Says("t", "file-missing", under=_SOURCE),
    f"{_O}.files": Says({"ops.yml": f"sha1:{'0' * 40}"}, "digest-mismatch", under=_SOURCE),
    f"{_D}.vars": Acts({}, {"greeting": "x"}),
    f"{_D}.errands": Says(["smoke"], "errand-unknown"),
    f"{_D}.depends_on": Says(["none"], "unknown-deployment"),
    f"{_B}.name": Says("hello", "bundle-release-unused", under=_RELEASE),
    f"{_B}.version": Says("2", "bundle-release-unused", under=_RELEASE),
    f"{_B}.url": Acts("a.tgz", "b.tgz", under=_RELEASE),
    f"{_B}.sha1": Acts("sha256:aa", "sha256:ab", under=_RELEASE),
    f"{_B}.size": ShownBy("tests/unit/director/app/test_bundle_downloads.py::test_what_a_bundle_would_download"),
    f"{_B}.accept_eula": Says(True, "bundle-eula-unused", under=_RELEASE),
    f"{_C}.name": Says("other", "stemcell-mismatch", under=_STEMCELL),
    f"{_C}.version": Says("3", "bundle-stemcell-unused", under=_STEMCELL),
    f"{_C}.os": Says("other", "bundle-stemcell-unused", under=_STEMCELL),
    f"{_C}.url": Says("none.tgz", "stemcell-unavailable", under=_STEMCELL),
    f"{_C}.sha1": Says(f"sha256:{'0' * 64}", "digest-mismatch", under=_STEMCELL),
    f"{_C}.size": ShownBy("tests/unit/director/app/test_bundle_downloads.py::test_what_a_bundle_would_download"),
    f"{_C}.clouds": Says(["aws"], "unknown-stemcell", under=_STEMCELL),
    f"{_C}.cloud_init": _UPLOADED,
    f"{_S}.name": Says("a b", "bad-report-name", under=_STEP),
    f"{_S}.deployment": Says("helo", "unknown-deployment", under=_STEP),
    f"{_S}.instance_group": Says("helo", "unknown-instance-group", under=_STEP),
    f"{_S}.command": _STEPS,
    f"{_S}.unless": _STEPS,
    f"{_S}.env": Says({"A B": "ca"}, "bad-variable-name", under=_STEP),
    f"{_R}.deployment": Says("helo", "unknown-deployment"),
    f"{_R}.instance_group": Says("helo", "unknown-instance-group"),
    f"{_R}.job": Says("helo", "unknown-job"),
    f"{_R}.port": _LOGIN,
    f"{_R}.scheme": _LOGIN,
    f"{_R}.path": _LOGIN,
    f"{_R}.user": _LOGIN,
    f"{_R}.user_key": _LOGIN,
    f"{_R}.password_key": _LOGIN,
    "credentials.path": Says("../x", "bad-credentials-path"),
    "credentials.command": _SHOWN,
    "credentials.name": Says("a b", "bad-report-name"),
    f"{_R}.password": Says("passwrd", "unknown-variable"),
    f"{_R}.ca": Says("cq", "unknown-variable"),
}
BASE: Document = {
    "name": "b",
    "deployments": [{"manifest": "hello.yml", "errands": []}],
    "report": {"web": {"deployment": "hello", "instance_group": "hello", "port": 80, "password": "password"}},
    "credentials": {"path": "logins.yml", "command": "cat logins.yml", "name": "show_logins"},
}
ENDPOINT: Document = {"port": 80, "user": "admin", "password": "password"}
_SECRET = [{"name": "password", "type": "password"}, {"name": "ca", "type": "certificate", "options": {"is_ca": True}}]


@dataclass(slots=True)
class Trying:
    """Implements Trials: everything works, and is written down."""

    logins: list[LoginCheck] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    printed: str = "web_user: admin, web_password: hush"

    def try_login(self, login_check: LoginCheck) -> str:
        self.logins.append(login_check)
        return ""

    def is_key_accepted(self, target: AgentTarget) -> bool:
        return True

    def run_command(self, target: AgentTarget, command: str) -> str:
        self.commands.append(command)
        return self.printed


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(Simulation(), tmp_path)


def test_no_key_is_silent() -> None:
    assert key_walk.silent_keys(Bundle, KEYS) == []


@pytest.mark.parametrize("path", KEYS)
def test_what_is_said_of_a_key_is_so(path: str, session: Session, tmp_path: Path) -> None:
    wrong = key_walk.wrong_with(
        path,
        KEYS[path],
        BASE,
        outcome=lambda document: [(one.files, one.errands) for one in _requested(session, tmp_path, document)],
        codes_of=lambda document: _codes(session, tmp_path, document),
    )
    assert wrong == ""


@pytest.mark.parametrize("name", ["../../x", "a/b", "x" * 101, "a b", "a%41", ".."])
def test_a_name_that_is_no_files_name_is_refused(name: str, session: Session, tmp_path: Path) -> None:
    document = {**BASE, "report": {name: BASE["report"]["web"]}}
    assert _codes(session, tmp_path, document) == {"bad-report-name"}
    assert _codes(session, tmp_path, BASE) == set()


def test_a_cloud_config_belongs_into_the_environments_file(session: Session, tmp_path: Path) -> None:
    assert _codes(session, tmp_path, {**BASE, "cloud_config": "x.yml"}) == {"retired-key"}


def test_what_is_for_readers_changes_nothing(session: Session, tmp_path: Path) -> None:
    reported = [
        [(one.files, one.errands) for one in _requested(session, tmp_path, document)]
        for document in (BASE, {**BASE, "name": "c", "description": "Another."})
    ]
    assert reported[0] == reported[1]


@pytest.mark.parametrize(
    ("key", "value"),
    [*{"port": 81, "scheme": "http", "path": "/login", "user": "root", "user_key": "u", "password_key": "p"}.items()],
)
def test_how_an_endpoint_is_tried(key: str, value: object, tmp_path: Path) -> None:
    operator = Operator.beside_a_deployment(tmp_path)
    assert operator.tried(ENDPOINT) != operator.tried({**ENDPOINT, key: value})


def test_how_the_logins_are_shown(tmp_path: Path) -> None:
    operator = Operator.beside_a_deployment(tmp_path)
    (shown,) = (line for line in operator.lines(ENDPOINT) if line.name == "show_logins")
    assert (shown.value.endswith("ssh_config jumpbox 'cat logins.yml'"), shown.problem) == (True, "")
    operator.login_checks.printed = "web_user: admin"
    (shown,) = (line for line in operator.lines(ENDPOINT) if line.name == "show_logins")
    assert shown.problem == "the output has no web_password"
    assert operator.login_checks.commands == ["cat logins.yml"] * 2


@dataclass(slots=True)
class Operator:
    """The report of a bundle whose only deployment is up."""

    session: Session
    environment: Environment
    endpoint: Document
    login_checks: Trying = field(default_factory=Trying)

    @classmethod
    def beside_a_deployment(cls, folder: Path) -> "Operator":
        simulation = Simulation()
        flow.deploying(small())(simulation, Deaths())
        made = session_of(simulation, folder)
        record = made.deployment(DEPLOYMENT).instances[0]
        addresses = {str(at): address for at, address in enumerate(record.addresses.values())}
        file = made.file.model_copy(update={"variables": addresses})
        endpoint = {"deployment": str(DEPLOYMENT), "instance_group": str(record.group)}
        made.world.vault.put_secret(f"/{ENVIRONMENT}/{DEPLOYMENT}/password", "hush")
        jumpbox = Jumpbox(cloud=ONLY_CLOUD, address="192.0.2.1", endpoint=Endpoint(host="192.0.2.1", port=22))
        environment = replace(simulation.environment, jumpboxes=(jumpbox,))
        return cls(session=replace(made, file=file), environment=environment, endpoint=endpoint)

    def lines(self, reported: Mapping[str, object]) -> tuple[ReportLine, ...]:
        """The lines of a report with that endpoint."""
        index = texts.read_bundle(_reading({**BASE, "report": {"web": {**self.endpoint, **reported}}})).document
        session = replace(self.session, world=worlds.with_trials(self.session.world, self.login_checks))
        return logins.check_logins(session, self.environment, index)

    def tried(self, reported: Mapping[str, object]) -> object:
        """The lines, and the logins that were tried for them."""
        self.login_checks.logins.clear()
        return self.lines(reported), tuple(self.login_checks.logins)


def _requested(session: Session, folder: Path, document: Document) -> tuple[RequestedDeployment, ...]:
    manifest: Any = yaml.safe_load((ROOT / "manifests/examples/hello/hello.yml").read_text())
    manifest["releases"], manifest["instance_groups"][0]["jobs"] = [], []
    manifest["stemcells"][0]["os"] = "memory-linux"
    manifest["variables"] = _SECRET
    for name in ("hello.yml", "other.yml"):
        (folder / name).write_text(yaml.safe_dump({**manifest, "name": name.removesuffix(".yml")}))
    listing = {**manifest, "name": "listing", "releases": [{"name": "r", "version": "1"}]}
    (folder / "listing.yml").write_text(yaml.safe_dump(listing))
    stemcells = [{"alias": "default", "os": "own-linux", "version": "3.1"}]
    (folder / "own.yml").write_text(yaml.safe_dump({**manifest, "name": "own", "stemcells": stemcells}))
    write_stemcell(folder)
    (folder / "s").mkdir(exist_ok=True)
    for path in ("ops.yml", "s/ops.yml"):
        (folder / path).write_text("[]")
    (folder / "index.yml").write_text(yaml.safe_dump(document))
    requested = up.requested_bundle(session, up.UpRequest(bundle=f"{folder}/", caller=calling("up"), values={}))
    return tuple(one for one in requested if one.index is not None)


def _codes(session: Session, folder: Path, document: Document) -> set[str]:
    tarballs = LocalStemcellTarballs(folder / "home", DownloadSettings())
    session = replace(session, world=worlds.with_tarballs(session.world, tarballs))
    try:
        requested = _requested(session, folder, document)
        bundle_stemcells.check_stemcells(session, requested, caller=calling("up"))
        bundle_preview.check(session, requested)
    except InputError as error:
        return {problem.code for problem in getattr(error, "problems", (error,))}
    return set()


def _reading(document: Document) -> texts.Reading:
    source = Source(name="index.yml", content=yaml.safe_dump(document).encode())
    return texts.Reading(source=source)
