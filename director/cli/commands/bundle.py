"""`compleat bundle`: what a bundle consists of, and a bundle as one signed file for sites without a network.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import bundle_apply, bundle_create, bundle_plan, up
from director.app.use_cases.bundle_create import CreateRequest
from director.app.wiring import signed_bundles
from director.cli import change, cost_option, opening, options, quota_options
from director.cli.options import Shell
from director.cli.terminal import bundle_showing, plan_showing, showing

_PLATFORM = "platform"
_KEY = "Public key of who signed it: an Ed25519 key in OpenSSH's format or PEM."


@click.group("bundle")
def command() -> None:
    """See what a bundle downloads; carry a bundle to a site without a network, as one signed file."""


@command.command("downloads", epilog=f"Example: `compleat bundle downloads {_PLATFORM}`")
@click.argument("bundle", default=_PLATFORM)
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@options.of_environment
def downloads(shell: Shell, /, *, bundle: str, var: tuple[str, ...]) -> None:
    """List the releases of BUNDLE with size, digest and where each comes from; none is downloaded.

    BUNDLE is a folder with an index.yml, or a bundle that ships with compleat.
    """
    with opening.quiet_session(shell) as session:
        request = up.UpRequest(bundle=bundle, caller=shell.caller, values=change.plain_values(var))
        table = bundle_plan.list_downloads(session, request)
    plan_showing.show_downloads(shell.terminal, table)


@command.command("create", epilog="Example: `compleat bundle create ./shop --key bundle-key --output shop.bundle`")
@click.argument("bundle")
@click.option("--key", required=True, metavar="FILE", help="Private Ed25519 key to sign with, as ssh-keygen writes it.")
@click.option("--output", required=True, metavar="FILE", help="The file to write.")
@options.of_environment
def create(shell: Shell, /, *, bundle: str, key: str, output: str) -> None:
    """Write BUNDLE with all its releases and their blobs into one file, and sign it.

    Releases are fetched where the home does not have them. The same content and key give the same bytes.
    """
    with opening.session(shell) as session:
        request = CreateRequest(bundle=bundle, output=output, key=key)
        created = bundle_create.create_bundle(session, signed_bundles.open_bundles(shell.settings), request)
    bundle_showing.show_bundle_file(shell.terminal, created, f"written to {output}")


@command.command("verify", epilog="Example: `compleat bundle verify shop.bundle --key bundle-key.pub`")
@click.argument("file")
@click.option("--key", required=True, metavar="FILE", help=_KEY)
@options.of_environment
def verify(shell: Shell, /, *, file: str, key: str) -> None:
    """Check the signature of FILE and the digest of each file in it; nothing is written."""
    verified = signed_bundles.open_bundles(shell.settings).verify(file, key=key)
    bundle_showing.show_bundle_file(shell.terminal, verified, "verified")


@command.command("apply", epilog="Example: `compleat bundle apply shop.bundle --key bundle-key.pub`")
@click.argument("file")
@click.option("--key", required=True, metavar="FILE", help=_KEY)
@click.option("-v", "--var", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@cost_option.shared
@quota_options.shared
@options.watched
@options.of_environment
def apply(shell: Shell, /, *, file: str, key: str, var: tuple[str, ...], **flags: object) -> None:
    """Verify FILE, unpack it in the home, and do what `up --bundle` does, with the releases that it has.

    Nothing is downloaded. The unpacked bundle stays: deployments keep their releases there.
    """
    values = change.plain_values(var)
    with opening.task(shell) as opened:
        bundles = signed_bundles.open_bundles(shell.settings)
        session, folder = bundle_apply.unpack_bundle(opened, bundles, file, key=key)
        request = up.UpRequest(
            bundle=folder,
            caller=shell.caller,
            values=values,
            quota_options=quota_options.read(
                request_quota=flags["request_quota"], wait_for_quota=flags["wait_for_quota"]
            ),
            max_cost=cost_option.read(flags["max_cost"]),
        )
        confirm = change.confirmed_where_changing(shell, session)
        report = up.bring_up(session, request, confirm, agree=change.agreed(shell))
    showing.show_up_or_fail(shell.terminal, report)
