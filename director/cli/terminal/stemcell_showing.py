"""Uploaded and deleted stemcells on the terminal, as words or as JSON.

Takes records, shows them.
"""

from collections.abc import Sequence

from cpi.contract.values import JsonValue
from director.app.use_cases.upload_stemcell import StemcellUpload
from director.cli.terminal.terminal import Terminal
from director.model import cloud_names
from director.model.environments.uploaded_stemcell import UploadedStemcell


def show_upload(terminal: Terminal, upload: StemcellUpload) -> None:
    """The stemcell on each cloud, and whether it was there before."""
    title = upload.stemcells[0].title
    if terminal.is_json:
        rows = _rows(upload.stemcells)
        terminal.say_json({"schema": "compleat.stemcell-upload/1", "uploaded": upload.is_new, "stemcells": rows})
    elif upload.is_new:
        terminal.say([f"Stemcell '{title}' uploaded: {_on_cloud(one)}." for one in upload.stemcells])
    else:
        terminal.say([f"Stemcell '{title}' has already been uploaded; nothing to do."])


def show_deleted(terminal: Terminal, stemcells: Sequence[UploadedStemcell]) -> None:
    """That it is gone from each cloud."""
    if terminal.is_json:
        terminal.say_json({"schema": "compleat.deleted-stemcell/1", "stemcells": _rows(stemcells)})
    else:
        terminal.say([f"Stemcell '{stemcells[0].title}' deleted; no cloud of the environment has it."])


def _rows(stemcells: Sequence[UploadedStemcell]) -> list[JsonValue]:
    return [
        {
            "name": one.name,
            "version": one.version,
            "os": one.os,
            "cloud": cloud_names.shown_name(one.cloud),
            "cid": one.cid,
            "digest": one.digest,
        }
        for one in stemcells
    ]


def _on_cloud(one: UploadedStemcell) -> str:
    cloud = cloud_names.shown_name(one.cloud)
    return f"{one.cid} on cloud '{cloud}'" if cloud else str(one.cid)
