"""Commands of the BOSH CLI that have another name here, or none: what to type in their place.

Takes nothing, gives a sentence by command. Source: bosh CLI 7, `bosh help`.
"""

from collections.abc import Mapping

_NO_DIRECTOR = "There is no director to log in to: `-e NAME` names an environment."
_PACK = "`compleat upload-stemcell` reads a tarball; docs/howto/pack-a-stemcell.md packs one with tar."
_CREATED_AT_UPLOAD = "`compleat upload-release DIRECTORY` creates a release of a directory and stores it."
_BLOBS = "Blobs of a release directory are fetched where they are needed; config/blobs.yml is edited by the bosh CLI."
_FIX = "`compleat cloud-check` finds problems and resolves them."

BOSH_COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("env", "environment", "envs"), "`compleat environments` lists environments."),
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
