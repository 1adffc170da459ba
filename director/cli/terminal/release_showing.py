"""An uploaded release on the terminal, as words or as JSON.

Takes what was uploaded, shows it.
"""

from director.app.use_cases.upload_release import Upload
from director.cli.terminal.terminal import Terminal
from director.report import as_json


def show_upload(terminal: Terminal, upload: Upload) -> None:
    """The release, and whether it was there before."""
    release = upload.release
    if terminal.is_json:
        terminal.say_json(as_json.upload_json(release, is_new=upload.is_new))
    elif upload.is_new:
        terminal.say([f"Release '{release.title}' uploaded."])
    elif upload.is_fixed:
        terminal.say([f"Release '{release.title}': its tarball was replaced."])
    else:
        terminal.say([f"Release '{release.title}' has already been uploaded; nothing to do."])
