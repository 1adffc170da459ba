"""`compleat upload-stemcell`: bring a stemcell to the clouds of an environment.

Takes flags, gives output and an exit code.
"""

from pathlib import Path

import click

from director.app.use_cases import upload_stemcell
from director.app.use_cases.upload_stemcell import StemcellUploadRequest
from director.cli import opening, options
from director.cli.terminal import stemcell_showing
from director.model.releases.stemcell_tarball import StemcellPlace


@click.command("upload-stemcell", epilog="Example: `compleat upload-stemcell my-debian.tgz`")
@click.argument("stemcell", metavar="STEMCELL")
@click.option("--name", default="", help="The name that stemcell.MF must have.")
@click.option("--version", default="", help="The version that stemcell.MF must have.")
@click.option("--sha1", default="", metavar="DIGEST", help="The tarball's digest: SHA-1, or sha256:HEX.")
@click.option("--fix", is_flag=True, help="Create the image again, in place of the uploaded one.")
@click.option("--cloud-init", is_flag=True, help="The image has cloud-init and Python 3.8, whatever stemcell.MF says.")
@options.of_environment
def command(shell: options.Shell, /, stemcell: str, **flags: str) -> None:
    """Upload STEMCELL, a tarball (a path, https://, s3://...), to every cloud that takes its format.

    An uploaded stemcell belongs to the environment. One that exists already is not uploaded again.
    """
    request = StemcellUploadRequest(
        place=StemcellPlace(place=stemcell, base=str(Path.cwd()), digest=flags["sha1"]),
        caller=shell.caller,
        name=flags["name"],
        version=flags["version"],
        is_fixing=bool(flags["fix"]),
        has_cloud_init=bool(flags["cloud_init"]),
    )
    with opening.task(shell) as session:
        upload = upload_stemcell.upload_stemcell(session, session.world.stemcell_tarballs, request)
    stemcell_showing.show_upload(shell.terminal, upload)
