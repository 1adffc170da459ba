"""A deploy renders instance by instance; what a group shares is revealed once for all of them."""

from dataclasses import replace

from cpi.contract.values import JsonValue
from director.app.wiring.renderer import JobRenderer
from director.model.erb import ErbFailure, ErbRequest, ErbText
from director.model.secret_ref import Property, SecretRef
from tests.unit.director.render.builders import build_job, build_spec, no_erb


class Engine:
    def __init__(self) -> None:
        self.requests: list[ErbRequest] = []

    def __call__(self, request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        self.requests.append(request)
        return tuple(ErbText(content="") for _ in request.templates)


class Vault:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_secret(self, name: str) -> JsonValue:
        self.asked.append(name)
        return "hush"


def test_what_a_group_shares_is_revealed_once_for_each_vault() -> None:
    job = build_job({"x.j2": "{{ spec.index }}"}, properties={"key": SecretRef(name="/k")})
    peers: list[Property] = [{"name": "web", "index": 0}]
    first = build_spec(job, links={"db": {"instances": peers, "properties": {"p": SecretRef(name="/p")}}})
    engine, vaults = Engine(), (Vault(), Vault())
    renderer = JobRenderer(erb=no_erb, jinja=engine)
    for vault in vaults:
        for index in range(3):
            renderer.render_jobs(replace(first, spec={**first.spec, "index": index}), vault.get_secret)
    assert [request.spec["index"] for request in engine.requests] == [0, 1, 2, 0, 1, 2]
    assert [vault.asked for vault in vaults] == [["/k", "/p"], ["/k", "/p"]]
    kept = [id(request.links) for request in engine.requests]
    assert kept == [kept[0]] * 3 + [kept[3]] * 3
    assert kept[0] != kept[3]
