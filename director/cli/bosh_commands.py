"""Commands of the BOSH CLI that have another name here, or none: what to type in their place; its options likewise;
and its short names.

Takes nothing, gives a sentence by command or option, and a command by short name. Source: bosh CLI 7, `bosh help`;
cloudfoundry/bosh-cli cmd/opts/opts.go @01d95ee8.
"""

from collections.abc import Mapping

_NO_DIRECTOR = "There is no director to log in to: `-e NAME` names an environment."
_PACK = "`compleat upload-stemcell` reads a tarball; docs/howto/pack-a-stemcell.md packs one with tar."
_CREATED_AT_UPLOAD = "`compleat upload-release DIRECTORY` creates a release of a directory and stores it."
_BLOBS = "Blobs of a release directory are fetched where they are needed; config/blobs.yml is edited by the bosh CLI."
_FIX = "`compleat cloud-check` finds problems and resolves them."

BOSH_COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("env", "environment"), "`compleat environments` lists environments."),
    **dict.fromkeys(("create-env", "start-env"), "`compleat up` creates an environment, without a manifest."),
    **dict.fromkeys(("delete-env", "stop-env"), "`compleat down` removes an environment."),
    **dict.fromkeys(
        ("alias-env", "unalias-env", "log-in", "login", "log-out", "logout"),
        _NO_DIRECTOR,
    ),
    **dict.fromkeys(("inspect-local-stemcell", "repack-stemcell"), _PACK),
    **dict.fromkeys(("create-release", "finalize-release"), _CREATED_AT_UPLOAD),
    "inspect-local-release": "`compleat upload-release` reads it, and `compleat inspect-release` shows it then.",
    **dict.fromkeys(("add-blob", "remove-blob", "blobs", "sync-blobs", "upload-blobs"), _BLOBS),
    **dict.fromkeys(
        ("init-release", "generate-job", "generate-package", "vendor-package", "reset-release"),
        "Release directories are written with the bosh CLI; compleat reads them.",
    ),
    **dict.fromkeys(
        ("sha1ify-release", "sha2ify-release"),
        "Releases with SHA-1 and with SHA-256 digests are read; neither is rewritten.",
    ),
    "cancel-tasks": "`compleat tasks` lists those that run; `compleat cancel-task ID` ends one.",
    "delete-network": "A managed network is deleted with the last deployment that uses it.",
    "event": "`compleat events --json` shows all of each event.",
    "deployment": "`compleat instances -d NAME` lists its instances.",
    **dict.fromkeys(("create-recovery-plan", "recover"), _FIX),
    **dict.fromkeys(
        ("export-release", "networks", "orphaned-vms", "pcap", "curl", "nats"),
        "It is not available.",
    ),
}

SHORT_NAMES: Mapping[str, str] = {
    "c": "config",
    "cc": "cloud-config",
    "cloudcheck": "cloud-check",
    "cr": "create-release",
    "cs": "configs",
    "ct": "cancel-task",
    "cts": "cancel-tasks",
    "d": "deploy",
    "dc": "delete-config",
    "deld": "delete-deployment",
    "delr": "delete-release",
    "dels": "delete-stemcell",
    "dep": "deployment",
    "deps": "deployments",
    "ds": "deployments",
    "envs": "environments",
    "es": "errands",
    "is": "instances",
    "l": "log-in",
    "man": "manifest",
    "rc": "runtime-config",
    "rs": "releases",
    "ss": "stemcells",
    "t": "task",
    "ts": "tasks",
    "uc": "update-config",
    "ucc": "update-cloud-config",
    "ur": "upload-release",
    "urc": "update-runtime-config",
    "us": "upload-stemcell",
    "vars": "variables",
}

_ALL_OF_A_TASK = "`compleat task --event` shows all events of a task; a task has no other logs."
_ALL_TYPES = "Leave it out: tasks of all types are shown."

_JUMPBOX = "Leave it out: all connections go through the environment's jumpbox."
_LOGIN = "The environment's key logs in; keys of people are `ssh_keys` of its file."
_NO_DIRECTOR_VM = "There is no director VM: `compleat task --event` shows what a director would log."
_STORE = "`compleat import-vars FILE -d NAME` sets the variables of a store; a deploy generates what is missing."
_CONFIG_STORE = "`compleat interpolate PATH --vars-store FILE` prints the config with its variables, to store that."
_CHANGES_SHOWN = "Leave it out: values are shown as they are, and secrets by their names."
_CREATED_BEFORE = "`compleat recreate GROUP/INDEX` recreates one VM; `compleat history` says when each deploy was."
_FIX_RELEASES = "`compleat upload-release RELEASE --fix` replaces an uploaded release."
_NAMED_ONLY = "Leave it out: only INSTANCE is changed."
_CONVERGED = "`compleat deploy MANIFEST` converges the deployment; this command changes only INSTANCE."
_SEEN_ERRAND = "`compleat logs INSTANCE --dir FOLDER` fetches them; --keep-alive keeps the errand's VM for that."

BOSH_OPTIONS: Mapping[str, str] = {
    **{
        f"{name} {option}": text
        for name in ("logs", "ssh", "scp")
        for options, text in (
            (("--gw-disable", "--gw-user", "--gw-host", "--gw-private-key", "--gw-socks5"), _JUMPBOX),
            (("--director", "--agent-endpoint", "--agent-certificate"), _NO_DIRECTOR_VM),
        )
        for option in options
    },
    **{f"{name} {option}": _LOGIN for name in ("ssh", "scp") for option in ("-i", "--private-key", "-l", "--username")},
    "ssh --opts": "`ssh -F FILE jumpbox` takes options of ssh; `compleat up` prints the whole command.",
    **dict.fromkeys(("logs -q", "logs --quiet"), "Leave it out: no headers are printed."),
    **{
        f"update-{name} --vars-store": _CONFIG_STORE
        for name in ("config", "cloud-config", "runtime-config", "cpi-config")
    },
    **dict.fromkeys(("update-runtime-config --no-redact", "update-cpi-config --no-redact"), _CHANGES_SHOWN),
    "update-config --expected-latest-id": "`compleat configs` lists the current ID; the differences are shown before.",
    "update-runtime-config --fix-releases": _FIX_RELEASES,
    "deploy --vars-store": _STORE,
    "deploy --no-redact": _CHANGES_SHOWN,
    "deploy --recreate-vms-created-before": _CREATED_BEFORE,
    "recreate --vms-created-before": _CREATED_BEFORE,
    "deploy --fix-releases": _FIX_RELEASES,
    "deploy --skip-upload-releases": "Leave it out: a release that is uploaded already is not uploaded again.",
    "deploy --force-latest-variables": "`compleat deploy --regenerate NAME` replaces a variable everywhere.",
    **{
        f"{name} {option}": text
        for name in ("start", "stop", "restart", "recreate")
        for option, text in (("--no-converge", _NAMED_ONLY), ("--converge", _CONVERGED))
    },
    "events --before-id": "`compleat events --before TIME` or --task NUMBER; events have no IDs.",
    "upload-release --dir": "`compleat upload-release DIRECTORY` takes the directory as its argument.",
    "upload-release --stemcell": "Leave it out: a compiled release itself names its stemcell.",
    "run-errand --with-heartbeat": "Leave it out: off a terminal a line every 30 s says what runs.",
    **dict.fromkeys(("run-errand --download-logs", "run-errand --logs-dir"), _SEEN_ERRAND),
    "attach-disk --disk-properties": "Leave it out: the disk stays as it is.",
    "deploy --dry-run": "`compleat plan MANIFEST` renders all templates and shows what a deploy would do.",
    "recreate --dry-run": "Leave out -n: the plan is shown, and nothing is done before you confirm it.",
    **dict.fromkeys((f"task {option}" for option in ("--cpi", "--debug", "--result")), _ALL_OF_A_TASK),
    **dict.fromkeys((f"{name} {option}" for name in ("task", "tasks") for option in ("-a", "--all")), _ALL_TYPES),
}
"""By command and option."""

BOSH_GLOBAL_OPTIONS: Mapping[str, str] = {
    **dict.fromkeys(("--ca-cert", "--client", "--client-secret"), _NO_DIRECTOR),
    "--config": "The variable COMPLEAT_HOME names another home.",
    "--parallel": "Leave it out: what can be done at once is; --max-in-flight limits updates of instances.",
    "--sha2": "Leave it out: SHA-256 digests are read wherever they stand.",
}
"""Those of every command."""
