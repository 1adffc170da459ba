"""A host of an OpenSSH client's configuration, as its own parser reads it back.

Takes names, addresses and paths, gives text. Source: openssh-portable misc.c (argv_split), readconf.c, man ssh_config.
"""

from cpi.contract.value_classes import dataclass
from director.model.environments.environment import SSH_PORT, Environment, Jumpbox


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """How one host is reached: `name` is what is typed, `key` and `known_hosts` are paths."""

    name: str
    host: str
    port: int
    user: str
    key: str
    known_hosts: str


def describe_host(host: SshHost) -> str:
    """The host's block."""
    return "\n".join(
        (
            f"Host {host.name}",
            f"  HostName {host.host}",
            f"  Port {host.port}",
            f"  User {host.user}",
            f"  IdentityFile {quote_path(host.key)}",
            f"  UserKnownHostsFile {quote_path(host.known_hosts)}",
            "  IdentitiesOnly yes",
            "  StrictHostKeyChecking yes",
            "",
        )
    )


def describe_jumpbox(environment: Environment, jumpbox: Jumpbox, *, key: str, known_hosts: str) -> str:
    """The block of a jumpbox, which is called as its instance group; `key` and `known_hosts` are paths."""
    return describe_host(
        SshHost(
            name=environment.jumpbox_group(jumpbox.cloud),
            host=jumpbox.endpoint.host,
            port=jumpbox.endpoint.port,
            user=environment.ssh.user,
            key=key,
            known_hosts=known_hosts,
        )
    )


def describe_known_host(jumpbox: Jumpbox) -> str:
    """The jumpbox's line of a file of known hosts."""
    host, port = jumpbox.endpoint.host, jumpbox.endpoint.port
    return f"{host if port == SSH_PORT else f'[{host}]:{port}'} {jumpbox.host_key}\n"


def quote_path(path: str) -> str:
    """A path in double quotes: a percent sign begins a token there, a backslash an escape."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
