"""director.releases.bpm_configs."""

import json
from typing import Any

import pytest

from director.releases.bpm_configs import read_bpm_config

WHOLE = """
processes:
- name: web
  executable: /var/vcap/packages/web/bin/web
  args: [--port, 8080, true, 1.5]
  env: {A: 1, B: two}
  workdir: /var/vcap/data/web
  hooks: {pre_start: /var/vcap/jobs/web/bin/hook}
  capabilities: [NET_BIND_SERVICE]
  limits: {memory: 1.5G, open_files: 12500.0, processes: 10, core_file_size: 0}
  ephemeral_disk: true
  additional_volumes: [{path: /var/vcap/data/x, writable: true, shared: true}]
  unsafe: {privileged: true, unrestricted_volumes: [{path: "/sys/*"}], host_pid_namespace: true}
  shutdown_signal: INT
"""


def _process(text: str) -> dict[str, Any]:
    config = read_bpm_config("web", text.encode())
    assert config.problems == ()
    (process,) = json.loads(json.dumps(config.content))["processes"]
    assert isinstance(process, dict)
    return process


def test_every_key_is_read_and_numbers_do_for_words() -> None:
    volume = {"writable": False, "allow_executions": False, "mount_only": False, "shared": False}
    assert _process(WHOLE) == {
        "name": "web",
        "executable": "/var/vcap/packages/web/bin/web",
        "args": ["--port", "8080", "true", "1.5"],
        "env": {"A": "1", "B": "two"},
        "workdir": "/var/vcap/data/web",
        "pre_start": "/var/vcap/jobs/web/bin/hook",
        "capabilities": ["NET_BIND_SERVICE"],
        "limits": {"memory": 3 << 29, "open_files": 12500, "processes": 10, "core_file_size": 0},
        "ephemeral_disk": True,
        "persistent_disk": False,
        "additional_volumes": [{**volume, "path": "/var/vcap/data/x", "writable": True, "shared": True}],
        "unsafe": {
            "privileged": True,
            "unrestricted_volumes": [{**volume, "path": "/sys/*"}],
            "host_pid_namespace": True,
        },
        "shutdown_signal": "INT",
    }


def test_a_word_is_the_scalar_as_it_is_written() -> None:
    """As yaml.v3 gives it to a Go program that asks for a string: a password of digits keeps its zeros."""
    process = _process(
        "processes: [{name: a, executable: /x, args: [yes, 0123, 1e3, 1.10, ~, 'on', 1_000, 12:30], "
        "env: {y: 0755, V: 1.10, N: , T: True, B: off}, workdir: 1.0, limits: {memory: 1.50G, processes: -1}}]"
    )
    assert process["args"] == ["yes", "0123", "1e3", "1.10", "", "on", "1_000", "12:30"]
    assert process["env"] == {"y": "0755", "V": "1.10", "N": "", "T": "True", "B": "off"}
    assert (process["workdir"], process["limits"]["memory"], process["limits"]["processes"]) == ("1.0", 3 << 29, None)


def test_a_key_that_is_written_twice_is_a_problem_as_in_bpm() -> None:
    (problem,) = read_bpm_config("web", b"processes:\n- name: a\n  executable: /x\n  name: b\n").problems
    assert problem == "Key 'name' is written again in the same map (bpm.yml:4:3)"


def test_json_is_read_and_defaults_are_bpms() -> None:
    process = _process('{"processes": [{"name": "a", "executable": "/x"}]}')
    assert (process["shutdown_signal"], process["limits"]["memory"], process["args"]) == ("TERM", None, [])


def test_keys_that_bpm_ignores_are_listed_with_their_path() -> None:
    text = "version: 1\nprocesses: [{name: a, executable: /x, limit: {}, limits: {cpu: 1}, unsafe: {odd: true}}]"
    assert read_bpm_config("web", text.encode()).ignored_keys == (
        "processes[0].limits.cpu", "processes[0].unsafe.odd", "processes[0].limit", "version",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("name: ''", "'processes[0].name' is missing"),
        ("executable: ''", "'processes[0].executable' is missing"),
        ("hooks: {}", "'processes[0].hooks' has no pre_start"),
        ("limits: {memory: 100}", "'processes[0].limits.memory' is not a size with a unit such as 512M"),
        ("limits: {open_files: many}", "'processes[0].limits.open_files' is not a whole number"),
        ("limits: {processes: 1.5}", "'processes[0].limits.processes' is not a whole number"),
        ("ephemeral_disk: maybe", "'processes[0].ephemeral_disk' is not true or false"),
        ("args: one", "'processes[0].args' is not a list"),
        ("args: [[x]]", "'processes[0].args[0]' is not a string"),
        ("env: [a]", "'processes[0].env' is not a map"),
        ("shutdown_signal: KILL", "'processes[0].shutdown_signal' is neither TERM nor INT"),
        (
            "additional_volumes: [{path: /etc/x}]",
            "'processes[0].additional_volumes[0].path' is not below /var/vcap: /etc/x",
        ),
        (
            "additional_volumes: [{path: /var/vcap/data/../x}]",
            "'processes[0].additional_volumes[0].path' is not a canonical path: /var/vcap/data/../x",
        ),
        (
            "additional_volumes: [{path: /var/vcap/store/web}]",
            "'processes[0].additional_volumes[0].path' is the job's own directory; set persistent_disk instead",
        ),
    ],
)  # fmt: skip
def test_what_bpm_refuses_is_a_problem(line: str, problem: str) -> None:
    given = {"name": "name: a", "executable": "executable: /x"}
    given[line.partition(":")[0]] = line
    text = "processes:\n- " + "\n  ".join(given.values())
    config = read_bpm_config("web", text.encode())
    assert (config.problems, config.content) == ((problem,), {})


def test_a_file_that_is_no_yaml_is_a_problem() -> None:
    assert len(read_bpm_config("web", b"processes: [").problems) == 1
    assert read_bpm_config("web", b"").content["processes"] == []
