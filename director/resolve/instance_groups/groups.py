"""Instance groups put together: machines, networks, AZs, lifecycle, jobs.

Takes a request and what was resolved of it, gives Group values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/instance_group_spec_parser.rb, instance_group_networks_parser.rb.
"""

from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind
from director.model.environments.desired import Group, GroupNetwork, Lifecycle, Network, StemcellOffer
from director.model.ids import GroupName
from director.model.secret_ref import Property
from director.model.spans import Path
from director.model.written.manifest import InstanceGroup
from director.resolve.findings import Findings
from director.resolve.instance_groups import machines, persistent_disks, update, vm_sizes
from director.resolve.instance_groups.stemcells import NO_STEMCELL
from director.resolve.networks import ranges
from director.resolve.request import ResolveRequest
from director.resolve.variables import variables

_LARGEST_STATIC = 4096
"""Static addresses of one entry; more than this is a mistake, not a wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReader:
    """Reads groups without their jobs, which need all groups."""

    request: ResolveRequest
    networks: tuple[Network, ...]
    stemcells: Mapping[str, StemcellOffer]
    found: Findings

    def group(self, index: int) -> Group:
        """The group with that index in the manifest.

        Tells besides what machines, persistent_disks and update tell: unknown-stemcell, unknown-network, network-twice,
        static-ip-count, bad-static-ip, default-network, vip-without-address, vip-addresses-twice, unknown-az,
        bad-migration.
        """
        written = self.request.manifest.document.instance_groups[index]
        request, found = self.request, self.found
        self._check_migrations(written, index)
        return Group(
            name=GroupName(written.name),
            instances=written.instances,
            stemcell=self._stemcell(written, index),
            networks=self._networks(written, index),
            update=update.resolve_update(request, index, found),
            azs=self._azs(written, index),
            cloud_properties=machines.resolve_vm(request, index, found),
            sized_properties=self._sized(written, index),
            env=self._env(written),
            disk=persistent_disks.resolve_disk(request, index, found),
            named_disks=persistent_disks.resolve_named_disks(request, index, found),
            lifecycle=Lifecycle(written.lifecycle),
            migrated_from=tuple(each.name for each in written.migrated_from),
            tags=written.tags,
            size=_size_words(written),
            where=self._where(index),
        )

    def _where(self, index: int, *path: str | int) -> str:
        return self.request.manifest.where("instance_groups", index, *path)

    def _stemcell(self, written: InstanceGroup, index: int) -> StemcellOffer:
        offer = self.stemcells.get(written.stemcell)
        if offer is None:
            whose = f"Instance group '{written.name}'"
            where = self._where(index, "stemcell")
            self.found.report_unknown("stemcell", written.stemcell, whose=whose, known=self.stemcells, where=where)
        return offer or NO_STEMCELL

    def _env(self, written: InstanceGroup) -> Mapping[str, Property]:
        """With its secrets under their whole names: they reach the cloud, and no plan."""
        whole = variables.whole_secrets(self.request, written.env)
        assert isinstance(whole, Mapping)
        is_on_tmpfs = self.request.manifest.document.features.use_tmpfs_config
        return whole if is_on_tmpfs is None else _with_tmpfs(whole, is_on_tmpfs)

    def _sized(self, written: InstanceGroup, index: int) -> vm_sizes.Sized:
        user = vm_sizes.SizeUser(
            whose=f"Instance group '{written.name}'", where=self._where(index, "vm_resources"), azs=written.azs or ()
        )
        return vm_sizes.resolve_size(self.request, written.vm_resources, user, found=self.found)

    def _azs(self, written: InstanceGroup, index: int) -> tuple[str, ...]:
        known = [az.name for az in self.request.cloud_config.document.azs]
        if written.azs == ():
            self.found.report(
                "azs-empty",
                f"Instance group '{written.name}' has no AZs.",
                why="`azs` is an empty list.",
                fix="Name an AZ, or remove `azs` if its networks have none.",
                where=self._where(index, "azs"),
            )
        for number, az in enumerate(written.azs or ()):
            if az in (written.azs or ())[:number]:
                self.found.report(
                    "az-twice",
                    f"Instance group '{written.name}' names AZ '{az}' twice.",
                    why="Instances are spread evenly over AZs, so each AZ is listed once.",
                    fix="Remove one of them.",
                    where=self._where(index, "azs", number),
                )
            if az not in known:
                whose = f"Instance group '{written.name}'"
                self.found.report_unknown("AZ", az, whose=whose, known=known, where=self._where(index, "azs", number))
        return written.azs or ()

    def _networks(self, written: InstanceGroup, index: int) -> tuple[GroupNetwork, ...]:
        defaults = self._defaults(written, index)
        read = []
        for number, use in enumerate(written.networks):
            network = next((each for each in self.networks if each.name == use.name), None)
            path: Path = ("networks", number)
            self._check_use(written, index, number=number, network=network)
            read.append(
                GroupNetwork(
                    name=use.name,
                    static_ips=self._static_ips(written, index, number=number),
                    defaults=tuple(sorted(defaults.get(number, ()))),
                    nic_group="" if use.nic_group is None else str(use.nic_group),
                    where=self._where(index, *path),
                )
            )
        return tuple(read)

    def _check_use(self, written: InstanceGroup, index: int, *, number: int, network: Network | None) -> None:
        use = written.networks[number]
        where = self._where(index, "networks", number)
        whose = f"Instance group '{written.name}'"
        if network is None:
            known = [each.name for each in self.networks]
            where = self._where(index, "networks", number, "name")
            self.found.report_unknown("network", use.name, whose=whose, known=known, where=where)
        elif network.kind is NetworkKind.VIP and network.subnets and use.static_ips:
            self.found.report(
                "vip-addresses-twice",
                f"{whose} lists addresses on network '{use.name}', whose subnets list addresses as well.",
                why="Addresses of a vip network are chosen by its subnets or by the instance group, not by both.",
                fix="Remove `static_ips`, or the network's `subnets`.",
                where=where,
            )
        elif network.kind is NetworkKind.VIP and not network.subnets and not use.static_ips and written.instances:
            self.found.report(
                "vip-without-address",
                f"{whose} is on network '{use.name}' of type vip, but names no address.",
                why="Public addresses are reserved in advance and assigned by name.",
                fix="List one address for each instance as `static_ips`.",
                where=where,
            )
        if use.name in [each.name for each in written.networks[:number]]:
            self.found.report(
                "network-twice",
                f"{whose} is on network '{use.name}' twice.",
                why="An instance has one address on a network.",
                fix="Remove one of them.",
                where=where,
            )

    def _static_ips(self, written: InstanceGroup, index: int, *, number: int) -> tuple[str, ...]:
        use = written.networks[number]
        addresses: list[str] = []
        is_good = True
        for at, text in enumerate(use.static_ips):
            interval = ranges.read_interval(text)
            if interval and interval.size <= _LARGEST_STATIC:
                addresses.extend(interval.addresses())
                continue
            is_good = False
            self.found.report(
                "bad-static-ip",
                f"Static address '{text}' of instance group '{written.name}' cannot be read.",
                why="Expected an address, `a - b` or CIDR."
                if interval is None
                else f"It holds {interval.size} addresses.",
                fix="Write one address for each instance.",
                where=self._where(index, "networks", number, "static_ips", at),
            )
        if use.static_ips and is_good and len(addresses) != written.instances:
            self.found.report(
                "static-ip-count",
                f"Instance group '{written.name}' has {written.instances} instances and {len(addresses)} static "
                f"addresses on network '{use.name}'.",
                why="Either each instance has one, or none has.",
                fix="Make the numbers equal.",
                where=self._where(index, "networks", number, "static_ips"),
            )
        return tuple(addresses)

    def _defaults(self, written: InstanceGroup, index: int) -> dict[int, set[str]]:
        """What each network is the default for, by its place in the list."""
        chosen: dict[int, set[str]] = {number: set(use.default) for number, use in enumerate(written.networks)}
        if len(written.networks) == 1:
            return {0: chosen[0] | {"dns", "gateway"}}
        wrong: dict[tuple[str, ...], list[str]] = {}
        for kind in ("dns", "gateway", "addressable"):
            holders = tuple(use.name for number, use in enumerate(written.networks) if kind in chosen[number])
            if len(holders) > 1 or (not holders and kind != "addressable"):
                wrong.setdefault(holders, []).append(kind)
        for holders, kinds in wrong.items():
            self._report_default(written, index, kinds=kinds, holders=holders)
        return chosen

    def _report_default(
        self, written: InstanceGroup, index: int, *, kinds: list[str], holders: tuple[str, ...]
    ) -> None:
        names = [use.name for use in written.networks]
        candidates = f"{' and '.join(map(repr, holders))} all are" if holders else "none is"
        self.found.report(
            "default-network",
            f"Instance group '{written.name}' must make exactly one of its {len(names)} networks the default for "
            f"{' and '.join(kinds)}.",
            why=f"Of {', '.join(map(repr, names))}, {candidates}.",
            fix=f"Put `default: [dns, gateway]` on exactly one, usually '{names[0]}'.",
            where=self._where(index, "networks"),
        )

    def _check_migrations(self, written: InstanceGroup, index: int) -> None:
        groups = self.request.manifest.document.instance_groups
        for number, former in enumerate(written.migrated_from):
            claims = [each.name for each in groups if former.name in [old.name for old in each.migrated_from]]
            why = ""
            if former.name in [each.name for each in groups if each is not written]:
                why = f"Instance group '{former.name}' is still in the manifest."
            elif claims[0] != written.name:
                why = f"Instance group '{claims[0]}' already takes over its instances."
            elif former.az is not None and former.az not in (written.azs or ()):
                why = f"Its AZ '{former.az}' is not among those of '{written.name}'."
            if why:
                self.found.report(
                    "bad-migration",
                    f"Instance group '{written.name}' cannot take over the instances of '{former.name}'.",
                    why=why,
                    fix="Correct or remove this entry of `migrated_from`.",
                    where=self._where(index, "migrated_from", number),
                )


def _with_tmpfs(env: Mapping[str, Property], value: bool) -> Mapping[str, Property]:
    """What BOSH's feature sets in an env that does not say it itself."""
    for path in (("bosh", "job_dir", "tmpfs"), ("bosh", "agent", "settings", "tmpfs")):
        env = _with_default(env, path, value)
    return env


def _with_default(tree: Mapping[str, Property], path: tuple[str, ...], value: Property) -> Mapping[str, Property]:
    key, *rest = path
    if not rest:
        return {key: value, **tree}
    inner = tree.get(key, {})
    return {**tree, key: _with_default(inner, tuple(rest), value)} if isinstance(inner, Mapping) else tree


def _size_words(written: InstanceGroup) -> str:
    if written.vm_resources is None:
        return written.vm_type or ""
    return f"{written.vm_resources.cpu} CPU, {written.vm_resources.ram} MiB"
