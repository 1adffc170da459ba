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

BOSH_OPTIONS: Mapping[str, str] = {
    "deploy --dry-run": "`compleat plan MANIFEST` renders all templates and shows what a deploy would do.",
    "recreate --dry-run": "Leave out -n: the plan is shown, and nothing is done before you confirm it.",
    **dict.fromkeys((f"task {option}" for option in ("--cpi", "--debug", "--result")), _ALL_OF_A_TASK),
    **dict.fromkeys((f"{name} {option}" for name in ("task", "tasks") for option in ("-a", "--all")), _ALL_TYPES),
}
"""By command and option."""
