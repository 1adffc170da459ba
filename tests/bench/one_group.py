"""How long `plan` takes for one group whose job consumes its own link, by the number of instances.

Takes a home, gives figures: processor seconds, which do not depend on what else the machine does.
"""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import ROOT
from tests.support.environments import local_compleat

_EXAMPLE = ROOT / "manifests" / "examples" / "hello"
_KINDS = {
    "knows itself": "id {{ spec.index }} {{ spec.ip }}\n",
    "loops": "{% for i in link('peers').instances %}{{ i.name }}/{{ i.index }} {{ i.address }}\n{% endfor %}",
    "loops, knows itself": "id {{ spec.index }}\n"
    "{% for i in link('peers').instances %}{{ i.name }}/{{ i.index }} {{ i.address }}\n{% endfor %}",
    "loops past itself": "{% for i in link('peers').instances if i.id != spec.id %}{{ i.address }}\n{% endfor %}",
    "loops, knows itself, in ERB": "id <%= spec.index %>\n"
    "<% link('peers').instances.each do |i| %><%= i.name %>/<%= i.index %> <%= i.address %>\n<% end %>",
}
_LINEAR = ("loops", "knows itself")
"""Those that do not print as much as the group is long for each of its members: that is square in any engine."""
_TARGETS_S = {500: None, 2000: 4.0, 5000: 10.0}


def figures(home: Path) -> Iterator[Figure]:
    """Each kind of template, at each size."""
    compleat = local_compleat(home, "one")
    compleat.run("up", "--bundle", str(_bundle(home)), "-n", timeout_s=600).ended()
    for kind, template in _KINDS.items():
        for count, target_s in _TARGETS_S.items():
            target_s = target_s if kind in _LINEAR else None
            manifest = _manifest(home / f"{kind.replace(' ', '-').replace(',', '')}-{count}", template, count)
            before = _child_s()
            compleat.run("plan", str(manifest), timeout_s=1200).ended()
            took_s = _child_s() - before
            yield Figure(name=f"plan of one group of {count} that {kind}", value=took_s, unit="s", target=target_s)
    compleat.run("down", "-n", timeout_s=600).ended()


def _child_s() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _bundle(home: Path) -> Path:
    folder = home / "bundle"
    folder.mkdir(parents=True, exist_ok=True)
    text = (_EXAMPLE / "hello.yml").read_text().replace("file://release", f"file://{_EXAMPLE}/release")
    (folder / "hello.yml").write_text(text)
    (folder / "index.yml").write_text("name: hello\ndeployments:\n- manifest: hello.yml\n")
    return folder


def _manifest(folder: Path, template: str, count: int) -> Path:
    """A manifest and a release of one job with this template."""
    job = folder / "release" / "jobs" / "peer"
    (job / "templates").mkdir(parents=True)
    (folder / "release" / "config").mkdir()
    (folder / "release" / "config" / "final.yml").write_text("name: peers\n")
    (job / "monit").write_text("")
    source = "peers.erb" if "<%" in template else "peers.j2"
    (job / "templates" / source).write_text(template)
    (job / "spec").write_text(
        "name: peer\ntemplates: {SOURCE: config/peers}\nprovides: [{name: peers, type: peers}]\n"
        "consumes: [{name: peers, type: peers}]\n".replace("SOURCE", source)
    )
    path = folder / "peers.yml"
    path.write_text(_MANIFEST.format(count=count, release=os.fspath(folder / "release")))
    return path


_MANIFEST = """\
name: peers
releases: [{{name: peers, version: create, url: "file://{release}"}}]
stemcells: [{{alias: default, os: linux, version: latest}}]
update: {{canaries: 1, max_in_flight: 10, canary_watch_time: 1000-60000, update_watch_time: 1000-60000}}
instance_groups:
- name: peer
  instances: {count}
  azs: [z1]
  vm_type: small
  stemcell: default
  networks: [{{name: default}}]
  jobs: [{{name: peer, release: peers}}]
"""
