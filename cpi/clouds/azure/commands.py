"""Azure's own commands, as `compleat azure --help` tells them. Imports no package of Azure's."""

from cpi.contract.commands import CloudCommand, CommandOption

GROUP_SCOPE, SUBSCRIPTION_SCOPE = "group", "subscription"

_CREATE_PRINCIPAL = CloudCommand(
    name="create-principal",
    help=(
        "Make the service principal that an environment signs in with. You sign in once, with a browser anywhere; "
        "then it makes an application, its principal and a secret, gives it its role, writes the secret to the file "
        "(mode 0600) that the environment names, and waits until all of it works. Run again, it goes on, "
        "and makes nothing twice."
    ),
    example="compleat azure create-principal -e azure",
    options=(
        CommandOption(
            name="scope",
            help="Where the role holds: the environment's resource group (made if need be), or the whole subscription.",
            default=GROUP_SCOPE,
            choices=(GROUP_SCOPE, SUBSCRIPTION_SCOPE),
        ),
        CommandOption(name="role", help="The role's name.", default="Contributor"),
        CommandOption(name="name", help="The application's name; compleat-ENVIRONMENT without it."),
        CommandOption(name="file", help="Where to write; else the path in the environment's file.", metavar="PATH"),
        CommandOption(name="days", help="How long the secret is to live.", metavar="NUMBER", default="365"),
    ),
    module="cpi.clouds.azure.principals.create_principal",
)
COMMANDS = (_CREATE_PRINCIPAL,)
