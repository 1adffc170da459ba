"""Secrets in `env`, and CAs of the operator's own: they reach the cloud and the vault, and no plan or state."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from director.actions.create_vm import CreateVm
from director.app.sessions import reading
from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan as planning
from director.app.use_cases.deploy import DeployRequest
from director.errors import InputError
from director.model import as_data
from director.model.tasks.stored_plan import PlanOptions
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

_CA = {"ca": "pem", "certificate": "pem", "private_key": "key of the operator"}
_TLS = "- {name: tls, type: certificate, options: {ca: /internalCA, common_name: x}}\n"
_OWN = "/test/app//internalCA"


@dataclass(slots=True)
class SecretLab(Lab):
    """Its manifest has a secret in `env`, and a certificate that a CA of the operator's own signs."""

    env: str = "{bosh: {password: ((token)), note: x-((token))}}"
    definitions: str = _TLS

    def request(self, name: str = "app", *, instances: int = 2) -> DeployRequest:
        plain = Lab.request(self, name, instances=instances)
        if name == "jumpbox":
            return plain
        source = plain.files.manifest
        text = source.content.decode().replace("  vm_type: default\n", f"  vm_type: default\n  env: {self.env}\n")
        text = text.replace(
            "variables: [{name: token, type: password}]\n", "variables:\n- {name: token, type: password}\n"
        )
        manifest = replace(source, content=(text + self.definitions).encode())
        files = replace(plain.files, manifest=manifest, values={**plain.files.values, "/internalCA": _CA})
        return replace(plain, files=files)


@pytest.fixture
def lab(tmp_path: Path) -> SecretLab:
    return SecretLab(Simulation(), tmp_path)


def _envs(lab: Lab) -> list[object]:
    held = lab.simulation.cloud.resources.vms.values()
    return [one.request.env for one in held if one.found.owner.deployment == "app"]


def test_a_secret_in_env_reaches_the_cloud_and_neither_plan_nor_state(lab: SecretLab) -> None:
    planned = planning.plan_deployment(lab.session(), lab.request())
    lab.deploy()
    token = str(lab.simulation.vault.values["/test/app/token"])
    assert _envs(lab) == [{"bosh": {"password": token, "note": f"x-{token}"}}] * 2
    state = lab.session().deployment("app")
    texts = json.dumps([as_data.encode(planned.plan), as_data.encode(state)])
    assert token not in texts
    assert '{"$secret": ["/test/app/token"]}' in texts
    assert lab.deploy().report is None, "nothing differs"


def test_a_secret_of_env_that_is_generated_again_makes_another_vm(lab: SecretLab) -> None:
    lab.deploy()
    before = lab.session().deployment("app").instances
    request = replace(lab.request(), options=PlanOptions(regenerate=frozenset({"token"})))
    plan = planning.plan_deployment(lab.session(), request).plan
    reasons = {action.reason for action in plan.actions if isinstance(action.work, CreateVm) and action.work.instance}
    assert reasons == {"secret '/test/app/token' of env changed; configuration of web changed"}
    made = [action for action in plan.actions if isinstance(action.work, CreateVm) and action.work.instance]
    (secret,) = (action.id for action in plan.actions if action.subject == "variable /test/app/token")
    chain = {str(action.id): {*map(str, action.after)} for action in plan.actions}
    assert all(secret in _before(action.id, chain) for action in made)
    assert {record.vm.env_secrets["/test/app/token"] for record in before if record.vm} == {1}


def _before(action: str, chain: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = [action]
    while left:
        new = chain[left.pop()] - found
        found |= new
        left += new
    return found


def test_a_ca_that_was_given_is_kept_for_what_it_signs_and_needed_once(lab: SecretLab) -> None:
    assert _OWN not in lab.simulation.vault.values
    planning.plan_deployment(lab.session(), lab.request())
    assert _OWN not in lab.simulation.vault.values, "a plan writes nothing"
    lab.deploy()
    assert lab.simulation.vault.values[_OWN] == _CA
    version = lab.simulation.vault.versions[_OWN]
    session = lab.session()
    again = deploying.saved_manifest(session, "app")
    desired = reading.read_desired(session, session.environment(), replace(again, values={"size": "small"}))
    (tls,) = (each for each in desired.variables if each.name.endswith("/tls"))
    assert tls.options["ca"] == _OWN
    lab.deploy(instances=1)
    assert lab.simulation.vault.versions[_OWN] == version
    assert "key of the operator" not in json.dumps(as_data.encode(session.deployment("app")))


def test_a_stored_plan_has_the_ca_with_it(lab: SecretLab) -> None:
    stored = lab.store()
    assert _OWN not in lab.simulation.vault.values
    lab.apply(stored.number)
    assert lab.simulation.vault.values[_OWN] == _CA


def test_a_ca_that_nobody_gave_is_unknown(lab: SecretLab) -> None:
    request = lab.request()
    files = replace(request.files, values={"size": "small", "/internalCA": {"certificate": "no key"}})
    with pytest.raises(InputError) as caught:
        planning.plan_deployment(lab.session(), replace(request, files=files))
    assert caught.value.code == "unknown-ca"
