"""`compleat upload-release`: bring a release into the home.

Takes flags, gives output and an exit code.
"""

from pathlib import Path

import click

from director.app.use_cases import upload_release
from director.app.use_cases.upload_release import UploadRequest
from director.app.wiring import release_homes
from director.cli import options
from director.cli.terminal import release_showing, watching


@click.command("upload-release", epilog="Example: `compleat upload-release manifests/examples/hello/release`")
@click.argument("release", required=False, default=".")
@click.option("--name", default="", help="The release's name; for a directory, the name to give it.")
@click.option("--version", default="", help="The release's version; for a directory, the version to give it.")
@click.option("--sha1", default="", metavar="DIGEST", help="The tarball's digest: SHA-1, or sha256:HEX.")
@click.option("--fix", is_flag=True, help="Replace the uploaded tarball of the same release.")
@click.option("--rebase", is_flag=True, help="Give it the next development version.")
@options.of_environment
def command(shell: options.Shell, /, release: str, **flags: str) -> None:
    """Upload RELEASE: a directory, a tarball, https://, s3://, git+https://, or releases/NAME/NAME-VERSION.yml.

    Uploaded releases belong to the home: every environment may use them. A directory gets the next development
    version unless --version names one. A release that exists already is not uploaded again.
    """
    request = UploadRequest(
        place=release,
        base=str(Path.cwd()),
        name=flags["name"],
        version=flags["version"],
        digest=flags["sha1"],
        is_fixing=bool(flags["fix"]),
        is_rebasing=bool(flags["rebase"]),
    )
    with (
        watching.watching(shell.terminal) as watcher,
        release_homes.open_release_task(shell.settings, shell.caller, watcher) as home,
    ):
        upload = upload_release.upload_release(home, request)
    release_showing.show_upload(shell.terminal, upload)
