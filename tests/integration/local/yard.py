"""A local cloud for tests: connect, land, make VMs, log in, and say what of it is left on the machine.

Takes a directory of the test's own, gives values and paramiko clients.
"""

import io
import os
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cpi.clouds.local.inside.records import locks
from cpi.clouds.local.inside.system import sockets
from cpi.contract.cloud import ConnectedCloud, ConnectSettings, Console, Finder, Landing, Power
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskCid,
    DiskRequest,
    EnvironmentItself,
    FoundVm,
    JsonValue,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmCreated,
    VmRequest,
)
from cpi.plugins import find_plugin
from director.edge.agents.ssh_tunnels import Tunnel

CIDR = "10.0.0.0/24"
GATEWAY = "10.0.0.1"
JUMPBOX_IP = "10.0.0.5"
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(slots=True, kw_only=True)
class Yard:
    """`mode` "" lets the cloud choose."""

    place: Path
    environment: str = "yard"
    mode: str = ""
    home: str = "home"
    tags: dict[str, str] = field(default_factory=dict)
    _clients: list[paramiko.SSHClient] = field(default_factory=list)
    _private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    _connected: ConnectedCloud | None = None

    @property
    def state_dir(self) -> Path:
        return self.place / self.home

    @property
    def state_root(self) -> Path:
        return self.place / "clouds"

    @property
    def state(self) -> str:
        (found,) = self.state_root.glob("*/cloud.json")
        return str(found.parent)

    @property
    def connected(self) -> ConnectedCloud:
        if self._connected is None:
            self._connected = self.connect()
        return self._connected

    @property
    def landing(self) -> Landing:
        assert self.connected.landing is not None
        return self.connected.landing

    @property
    def finder(self) -> Finder:
        assert self.connected.finder is not None
        return self.connected.finder

    @property
    def power(self) -> Power:
        assert self.connected.power is not None
        return self.connected.power

    @property
    def console(self) -> Console:
        assert self.connected.console is not None
        return self.connected.console

    def connect(self) -> ConnectedCloud:
        """A new connection, as a new process would have it."""
        properties: dict[str, JsonValue] = {"state_root": str(self.state_root)}
        if self.mode:
            properties["mode"] = self.mode
        settings = ConnectSettings(
            environment=self.environment, state_dir=str(self.state_dir), properties=properties, tags=self.tags
        )
        return find_plugin("local").connect(settings)

    def owner(self, action: str, deployment: str | EnvironmentItself = "d") -> OwnerKey:
        return OwnerKey(environment=self.environment, deployment=deployment, action=action)

    def land(self, *public: str, cidr: str = CIDR) -> None:
        spec = LandingSpec(networks={"default": cidr}, public_names=public)
        for resource in self.landing.landing_resources(spec):
            self.landing.create_landing_resource(resource, self.owner(f"landing-{resource.name}", ENVIRONMENT_ITSELF))

    def stemcell(self) -> StemcellCid:
        info = self.connected.cloud.info()
        request = StemcellRequest(
            owner=self.owner("stemcell", ENVIRONMENT_ITSELF), os=info.default_os, version=info.default_version
        )
        return self.connected.cloud.create_stemcell(request)

    def request(self, name: str, ip: str, *, vip: str = "", user: str = "root", prefix: int = 24) -> VmRequest:
        networks = [
            NetworkSettings(
                name="default",
                kind=NetworkKind.MANUAL,
                ip=ip,
                prefix=prefix,
                gateway=GATEWAY,
                defaults=("dns", "gateway"),
            )
        ]
        if vip:
            networks.append(NetworkSettings(name="vip", kind=NetworkKind.VIP, ip=vip))
        return VmRequest(
            name=name,
            owner=self.owner(f"vm-{name}"),
            agent_id=f"agent-{name}",
            stemcell_cid=self.stemcell(),
            networks=tuple(networks),
            ssh=SshAccess(user=user, public_key=self.public_key),
            env={"note": name},
        )

    def vm(self, name: str, ip: str, *, vip: str = "", user: str = "root") -> VmCreated:
        return self.connected.cloud.create_vm(self.request(name, ip, vip=vip, user=user))

    def jumpbox(self) -> VmCreated:
        return self.vm("jumpbox", JUMPBOX_IP, vip="203.0.113.1")

    def disk(self, name: str, size_mib: int = 100) -> DiskCid:
        return self.connected.cloud.create_disk(DiskRequest(owner=self.owner(f"disk-{name}"), size_mib=size_mib))

    def vms(self) -> tuple[FoundVm, ...]:
        return self.finder.find_vms(OwnerQuery(environment=self.environment))

    @property
    def public_key(self) -> str:
        encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        return self._private.public_key().public_bytes(encoding, form).decode()

    def login(self, vip: str = "203.0.113.1", user: str = "root") -> paramiko.SSHClient:
        """Log in through the edge, as a director does."""
        endpoint = self.landing.endpoint_of(vip, 22)
        connection = socket.create_connection((endpoint.host, endpoint.port), PATIENCE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._login_over(connection, user)

    def login_behind(self, jumpbox: paramiko.SSHClient, ip: str, user: str = "root") -> paramiko.SSHClient:
        """Log in to a private VM through the jumpbox."""
        transport = jumpbox.get_transport()
        assert transport is not None
        channel = transport.open_channel("direct-tcpip", (ip, 22), ("127.0.0.1", 0), timeout=PATIENCE_S)
        return self._login_over(cast(socket.socket, Tunnel(channel)), user)  # quiet when the jumpbox is gone

    def down(self) -> None:
        """Delete all that is found, through a new connection."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        self._connected = self.connect()
        cloud, query = self.connected.cloud, OwnerQuery(environment=self.environment)
        for vm in self.finder.find_vms(query):
            cloud.delete_vm(vm.created.cid)
        for snapshot in self.finder.find_snapshots(query):
            cloud.delete_snapshot(snapshot.cid)
        for disk in self.finder.find_disks(query):
            cloud.delete_disk(disk.cid)
        for resource in reversed(self.landing.find_landing_resources(self.environment)):
            self.landing.delete_landing_resource(resource.cid)
        for stemcell in self.finder.find_stemcells(query):
            cloud.delete_stemcell(stemcell.cid)

    def leftovers(self) -> list[str]:
        """What of this cloud is on the machine: files, mounts, and processes that can see its files."""
        files = [str(path) for path in self.state_root.rglob("*")]
        mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(self.place) in line]
        return files + mounts + [f"process {pid}" for pid in processes_of(self.place)]

    def first(self) -> int:
        return locks.find_holder(f"{self.state}/lock")

    def keeper(self) -> int:
        return locks.find_holder(f"{self.state}/{sockets.SERVICE_LOCK}")

    def edge(self) -> int:
        return locks.find_holder(f"{self.state}/{sockets.EDGE_LOCK}")

    def init_of(self, vm: VmCreated) -> int:
        return locks.find_holder(f"{self.state}/vms/{vm.cid}/lock")

    def _login_over(self, connection: socket.socket, user: str) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "vm",
            username=user,
            pkey=self._key(),
            sock=connection,
            allow_agent=False,
            look_for_keys=False,
            timeout=PATIENCE_S,
        )
        self._clients.append(client)
        return client

    def _key(self) -> paramiko.PKey:
        form = serialization.PrivateFormat.OpenSSH
        text = self._private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        return paramiko.Ed25519Key.from_private_key(io.StringIO(text.decode()))


def run(client: paramiko.SSHClient, command: str) -> Ran:
    """Run a command to its end."""
    _, out, err = client.exec_command(command, timeout=PATIENCE_S)
    said, complained = out.read().decode(), err.read().decode()
    return Ran(code=out.channel.recv_exit_status(), out=said, err=complained)


def processes_of(place: Path) -> list[int]:
    """Processes whose mounts or log are below `place`: those of a cloud kept there."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            mounts = (entry / "mountinfo").read_text()
            log = str((entry / "fd/1").readlink())
        except OSError:
            continue
        if str(place) in log or any(str(place) in line for line in mounts.splitlines()):
            found.append(int(entry.name))
    return found


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill(pid: int) -> None:
    """SIGKILL one process; 0 and -1 would mean many."""
    assert pid > 1, f"{pid} is no process of a cloud"
    os.kill(pid, signal.SIGKILL)


def wait_until_gone(pid: int) -> None:
    """Wait until a process, with all of its threads, has ended, even if it is not reaped."""
    until_s = time.monotonic() + PATIENCE_S
    while not _is_gone(pid):
        assert time.monotonic() < until_s, f"process {pid} is still there"
        time.sleep(0.002)


def _is_gone(pid: int) -> bool:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z" and threads == [str(pid)]
