"""The table of verbs.

Takes a verb's name, gives the function that does it.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.guests import Guest
from director.guest.packages import blobs, packages
from director.guest.verbs import (
    apply,
    compile_package,
    disks,
    dns,
    drain,
    last_words,
    lifecycle,
    logs,
    named_disks,
    placed_files,
    ssh_users,
    supervision,
    vitals,
)

Verb = Callable[[Guest, Arguments, VerbCall], Any]


def delete_blobs(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, int]:
    return {"deleted": blobs.delete_blobs(guest.layout, arguments.words("keep"))}


VERBS: Dict[str, Verb] = {
    "apply": apply.apply_spec,
    "associate_disk": named_disks.associate_disk,
    "compile_package": compile_package.compile_package,
    "delete_blobs": delete_blobs,
    "dissociate_disk": named_disks.dissociate_disk,
    "drain": drain.drain_jobs,
    "fetch_logs": logs.fetch_logs,
    "get_state": vitals.get_state,
    "last_words": last_words.last_words,
    "list_disk": disks.list_disks,
    "migrate_disk": disks.migrate_disk,
    "mount_disk": disks.mount_disk,
    "ping": vitals.ping,
    "prepare": packages.prepare_packages,
    "put_file": placed_files.put_file,
    "query_health": dns.query_health,
    "run_errand": lifecycle.run_errand,
    "run_script": lifecycle.run_job_scripts,
    "ssh": ssh_users.change_access,
    "start": supervision.start_services,
    "stop": supervision.stop_services,
    "sync_dns": dns.sync_dns,
    "tail_logs": logs.tail_logs,
    "unmount_disk": disks.unmount_disk,
}
