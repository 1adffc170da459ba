"""The table of commands: each imported when it is called, and not before.

Takes a command's name, gives the click command.
"""

import importlib
from collections.abc import Mapping
from contextlib import nullcontext

import click

from cpi.contract.commands import WITH_COMMANDS
from director.cli.bosh_commands import BOSH_COMMANDS, SHORT_NAMES
from director.cli.typed_command import TypedCommand
from director.text import nearest

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("director.cli.commands.init", "Write an environment's files from a few answers, and run doctor."),
    "up": ("director.cli.commands.up", "Build an environment, deploy a bundle, verify every login, print them."),
    "down": ("director.cli.commands.down", "Remove an environment and prove that nothing is left."),
    "leftovers": ("director.cli.commands.leftovers", "List what clouds have of environments and no state knows."),
    "extend": ("director.cli.commands.extend", "Put off the end of an environment."),
    "cost": ("director.cli.commands.cost", "Show what an environment has cost so far, by deployment."),
    "plan": ("director.cli.commands.plan", "Show what deploy would do; writes nothing."),
    "deploy": ("director.cli.commands.deploy", "Bring a deployment to the state of its manifest."),
    "delete-deployment": ("director.cli.commands.delete_deployment", "Delete a deployment."),
    "upload-release": ("director.cli.commands.upload_release", "Upload a release to the home."),
    "releases": ("director.cli.commands.releases:releases", "List uploaded releases."),
    "inspect-release": ("director.cli.commands.releases:inspect", "Show the jobs and packages of an uploaded release."),
    "delete-release": ("director.cli.commands.releases:delete", "Delete an uploaded release."),
    "update-config": ("director.cli.commands.update_config", "Store a version of a config."),
    "update-cloud-config": ("director.cli.commands.update_config:cloud", "Store a version of the cloud config."),
    "update-runtime-config": ("director.cli.commands.update_config:runtime", "Store a version of a runtime config."),
    "update-cpi-config": ("director.cli.commands.update_config:cpi", "Store a version of the CPI config."),
    "update-resurrection": (
        "director.cli.commands.update_resurrection",
        "Say whether VMs that do not answer are recreated.",
    ),
    "configs": ("director.cli.commands.configs:configs", "List configs."),
    "config": ("director.cli.commands.configs:config", "Print a config."),
    "cloud-config": ("director.cli.commands.configs:cloud_config", "Print the cloud config."),
    "runtime-config": ("director.cli.commands.configs:runtime_config", "Print a runtime config."),
    "cpi-config": ("director.cli.commands.configs:cpi_config", "Print the CPI config."),
    "diff-config": ("director.cli.commands.configs:diff", "Show what differs between two versions of a config."),
    "delete-config": ("director.cli.commands.configs:delete", "Delete a config, or one version of it."),
    "upload-stemcell": ("director.cli.commands.upload_stemcell", "Upload a stemcell to the environment's clouds."),
    "stemcells": ("director.cli.commands.stemcells:stemcells", "List the stemcells of the environment."),
    "delete-stemcell": ("director.cli.commands.stemcells:delete", "Delete an uploaded stemcell."),
    "deployments": ("director.cli.commands.deployments", "List deployments."),
    "manifest": ("director.cli.commands.manifest", "Print the manifest of a deployment as it was deployed."),
    "history": ("director.cli.commands.history", "List the manifests that were deployed, and what each changed."),
    "diff": ("director.cli.commands.diff", "Show what differs between a manifest and the deployed one."),
    "backup": ("director.cli.commands.backup:backup", "Write the home into one file: state, secrets, releases."),
    "restore": ("director.cli.commands.backup:restore", "Put the home back as a backup has it."),
    "adopt": ("director.cli.commands.adopt", "Rebuild a lost or older state from the clouds."),
    "environments": ("director.cli.commands.environments:environments", "List environments."),
    "locks": ("director.cli.commands.environments:locks", "List what running commands have locked."),
    "vms": ("director.cli.commands.instances:vms", "List VMs and their vitals."),
    "delete-vm": ("director.cli.commands.delete_vm", "Delete the VM of an instance."),
    "instances": ("director.cli.commands.instances", "List instances, their processes and vitals."),
    "disks": ("director.cli.commands.disks:disks", "List persistent disks, orphans among them."),
    "orphan-disk": ("director.cli.commands.disks:orphan", "Let go of an instance's disk."),
    "attach-disk": ("director.cli.commands.disks:attach", "Give an orphaned disk to a stopped instance."),
    "delete-disk": ("director.cli.commands.disks:delete", "Delete an orphaned disk."),
    "snapshots": ("director.cli.commands.snapshots:snapshots", "List snapshots of persistent disks."),
    "take-snapshot": ("director.cli.commands.snapshots:take", "Take snapshots of persistent disks."),
    "delete-snapshot": ("director.cli.commands.snapshots:delete", "Delete a snapshot."),
    "delete-snapshots": ("director.cli.commands.snapshots:delete_all", "Delete all snapshots of a deployment."),
    "clean-up": ("director.cli.commands.clean_up", "Delete releases, stemcells, packages and disks that nothing uses."),
    "cloud-check": ("director.cli.commands.cloud_check", "Find problems of VMs and disks, and resolve them."),
    "cck": ("director.cli.commands.cloud_check", "The same as cloud-check."),
    "ssh": ("director.cli.commands.ssh", "Open a shell, or run a command, on an instance."),
    "scp": ("director.cli.commands.scp", "Copy files to or from an instance."),
    "logs": ("director.cli.commands.logs", "Fetch or follow an instance's logs."),
    "tasks": ("director.cli.commands.tasks", "List tasks."),
    "task": ("director.cli.commands.task", "Show one task, action by action."),
    "watch": ("director.cli.commands.watch", "Serve a page of a task: what is done, what waits, what it costs."),
    "cancel-task": ("director.cli.commands.cancel_task", "Close an interrupted task by hand."),
    "events": ("director.cli.commands.events", "List events: what was created, changed and deleted."),
    "errands": ("director.cli.commands.errands", "List a deployment's errands."),
    "run-errand": ("director.cli.commands.run_errand", "Run an errand."),
    "start": ("director.cli.commands.instance_commands:start", "Start instances."),
    "stop": ("director.cli.commands.instance_commands:stop", "Stop instances."),
    "restart": ("director.cli.commands.instance_commands:restart", "Restart instances."),
    "recreate": ("director.cli.commands.instance_commands:recreate", "Recreate the VMs of instances."),
    "ignore": ("director.cli.commands.ignore:ignore", "Exclude an instance from deploys."),
    "unignore": ("director.cli.commands.ignore:unignore", "Include an instance in deploys again."),
    "creds": ("director.cli.commands.creds", "List secrets, or show one."),
    "rotate": ("director.cli.commands.rotate", "Generate secrets again and deploy what uses them."),
    "variables": ("director.cli.commands.variables", "List a deployment's variables."),
    "set-var": ("director.cli.commands.given_variables:set_var", "Set a deployment's variable to a value of yours."),
    "delete-var": ("director.cli.commands.given_variables:delete_var", "Delete the value of a deployment's variable."),
    "import-vars": ("director.cli.commands.given_variables:import_vars", "Set variables from a variables store."),
    "export-vars": ("director.cli.commands.given_variables:export_vars", "Write variables into a variables store."),
    "links": ("director.cli.commands.links", "List links that deployments share, with their consumers."),
    "interpolate": ("director.cli.commands.interpolate", "Apply ops files and variables to a manifest."),
    "int": ("director.cli.commands.interpolate", "The same as interpolate."),
    "interpolate-with-store": ("director.cli.commands.interpolate_store", "The same, for --vars-store."),
    "template": (
        "director.cli.commands.template",
        "Validate, compare, list and format templates, evaluate expressions.",
    ),
    "bundle": ("director.cli.commands.bundle", "List what a bundle downloads; carry it to a site without a network."),
    "schema": ("director.cli.commands.schema", "Print the JSON Schema of a document, for editors."),
    "cpi": ("director.cli.commands.cpi", "Serve a cloud as a BOSH CPI executable."),
    "version": ("director.cli.commands.version:version", "Print the version."),
    "help": ("director.cli.commands.version:help_", "Show the help of a command."),
    "completion": ("director.cli.commands.version:completion", "Print a script that completes commands in a shell."),
    "doctor": ("director.cli.commands.doctor", "Check this machine and the environment's cloud."),
}
"""Name to module (which holds the click command `command`, or the one behind the colon) and its one-line help: nothing
is imported to list them."""


_SHARED_VALUES = ("-e", "--environment", "-d", "--deployment")
_SHARED_FLAGS = ("-n", "--non-interactive", "--json", "--no-color", "--tty")
_HIDDEN = frozenset({"cck", "int", "interpolate-with-store"})


class LazyCommands(click.Group):
    """Commands by name from the table, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names but aliases; clouds that have commands of their own stand last."""
        return [*(name for name in COMMANDS if name not in _HIDDEN), *WITH_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; a signal that comes meanwhile waits."""
        typed = ctx.find_object(TypedCommand)
        with typed.interrupts.deferred() if typed else nullcontext():
            return _load(SHORT_NAMES.get(cmd_name, cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, out of the table alone."""
        with formatter.section("Commands"):
            helps = {**COMMANDS, **WITH_COMMANDS}
            formatter.write_dl([(name, helps[name][1]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Replace a short name. A variables store may want values made: that module takes longer to import."""
        args = [SHORT_NAMES.get(args[0], args[0]), *args[1:]] if args else args
        if args and args[0] not in COMMANDS and args[0] not in WITH_COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"Unknown command '{args[0]}'.{self._hint(ctx, args[0])}", ctx)
        if args and args[0] in {"int", "interpolate"} and any(word.startswith("--vars-store") for word in args):
            return args[0], self.get_command(ctx, "interpolate-with-store"), args[1:]
        return super().resolve_command(ctx, args)

    def _hint(self, ctx: click.Context, name: str) -> str:
        """What the BOSH CLI's command of this name is here, or the name that is nearest."""
        if name in BOSH_COMMANDS:
            return f" {BOSH_COMMANDS[name]}"
        near = nearest.nearest_word(name, self.list_commands(ctx))
        return f" Did you mean '{near}'?" if near else ""


def _load(name: str) -> click.Command | None:
    if name in WITH_COMMANDS:
        group: click.Command = importlib.import_module("director.cli.commands.cloud_commands").make_group(name)
        return group
    if name not in COMMANDS:
        return None
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute or "command")
    return command


@click.command(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: `compleat up` builds everything on this machine; `compleat down` removes it.",
)
@click.version_option(package_name="compleat", message="%(version)s")
def compleat() -> None:
    """One manifest, every cloud: a BOSH-compatible director."""
