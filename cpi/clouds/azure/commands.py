"""Azure's own commands, as `compleat azure --help` tells them. Imports no package of Azure's."""

from cpi.contract.commands import CloudCommand, CommandOption

GROUP_SCOPE, SUBSCRIPTION_SCOPE = "group", "subscription"

_CREATE_PRINCIPAL = CloudCommand(
    name="create-principal",
    help=(
        "Create the service principal for an environment. You sign in once, with a browser anywhere; the command "
        "then creates an application, its principal and a secret, assigns the role, writes the secret to the file "
        "(mode 0600) that the environment names, and waits until all of it works. Run again, it continues and "
        "creates nothing twice."
    ),
    example="compleat azure create-principal -e azure",
    options=(
        CommandOption(
            name="scope",
            help="The scope of the role: the environment's resource group (created if needed), or the whole "
            "subscription.",
            default=GROUP_SCOPE,
            choices=(GROUP_SCOPE, SUBSCRIPTION_SCOPE),
        ),
        CommandOption(name="role", help="The role's name.", default="Contributor"),
        CommandOption(name="name", help="The application's name; the default is compleat-ENVIRONMENT."),
        CommandOption(
            name="file", help="The file to write; the default is the path in the environment's file.", metavar="PATH"
        ),
        CommandOption(name="days", help="Secret's lifetime in days.", metavar="NUMBER", default="365"),
    ),
    module="cpi.clouds.azure.principals.create_principal",
)
COMMANDS = (_CREATE_PRINCIPAL,)
