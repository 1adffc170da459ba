"""Certificates with names of links: `consumes` of a variable.

Takes the variables' specs and the links on offer, gives specs whose options have the DNS names. Source:
cloudfoundry/bosh src/bosh-director/lib/bosh/director/deployment_plan/variables_parser.rb, links/links_manager.rb.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model import dns_names
from director.model.dns_names import Whereabouts
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Group, VariableSpec
from director.model.written.manifest import VariableDefinition, VariableLink
from director.resolve.findings import Findings
from director.resolve.instance_groups import shared_links
from director.resolve.instance_groups.links import Provider
from director.resolve.request import ResolveRequest
from director.resolve.variables import variables

_KEYS = ("alternative_name", "common_name")
_ALL = "q-s0"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNames:
    """What links of a deployment are called."""

    request: ResolveRequest
    providers: Sequence[Provider]
    groups: Sequence[Group]
    dns: DnsFeatures
    found: Findings

    def with_names(self, specs: Iterable[VariableSpec]) -> tuple[VariableSpec, ...]:
        """The specs, certificates with the names of the links that they consume.

        Reports: unknown-link, link-ambiguous, variable-links-misplaced.
        """
        written = {variables.whole_name(self.request, each.name): each for each in self._written()}
        return tuple(self._with_names(spec, written.get(spec.name)) for spec in specs)

    def _written(self) -> Sequence[VariableDefinition]:
        return self.request.manifest.document.variables

    def _with_names(self, spec: VariableSpec, written: VariableDefinition | None) -> VariableSpec:
        if written is None or written.consumes is None:
            return spec
        if spec.type != "certificate":
            self.found.report(
                "variable-links-misplaced",
                f"Variable '{written.name}' of type {spec.type} consumes links.",
                why="Only certificates have names of links in them.",
                fix="Remove `consumes`.",
                where=spec.where,
            )
            return spec
        options: dict[str, JsonValue] = dict(spec.options)
        for key in _KEYS:
            link = getattr(written.consumes, key)
            name = self._name(written, key, link) if link else ""
            if name and key == "common_name":
                options["common_name"] = options.get("common_name") or name
            elif name:
                listed = options.get("alternative_names") or ()
                assert isinstance(listed, list | tuple)
                options["alternative_names"] = [*listed, name]
        return replace(spec, options=options)

    def _name(self, written: VariableDefinition, key: str, link: VariableLink) -> str:
        """The DNS name of all that provide the link, "" without one."""
        wanted = link.from_ or key
        fitting = [each for each in self.providers if (each.link.alias, each.link.type) == (wanted, link.link_type)]
        if len(fitting) != 1:
            self._report(written, key, wanted, link=link, fitting=fitting)
            return ""
        name = self._name_of(fitting[0])
        return f"*.{name.partition('.')[2]}" if link.properties.wildcard else name

    def _name_of(self, provider: Provider) -> str:
        deployment = self.request.manifest.document.name
        group = next(group for group in self.groups if group.name == provider.group)
        network = shared_links.default_network(group.networks)
        place = Whereabouts(group=provider.group, network=network, deployment=deployment, domain=self.dns.domain)
        if not self.dns.is_short:
            return dns_names.long_name(_ALL, place)
        link_group = dns_names.link_group_name(provider.link.alias, provider.link.type)
        number = (
            dns_names.link_number(deployment, link_group)
            if self.dns.is_by_link
            else dns_names.group_number(deployment, provider.group)
        )
        query = dns_names.query(others=(f"n{dns_names.network_number(network)}",))
        return dns_names.short_name(query, number, place.domain)

    def _report(
        self, written: VariableDefinition, key: str, wanted: str, *, link: VariableLink, fitting: Sequence[Provider]
    ) -> None:
        index = self._written().index(written)
        where = self.request.manifest.where("variables", index, "consumes", key)
        whose = f"`{key}` of variable '{written.name}'"
        if fitting:
            self.found.report(
                "link-ambiguous",
                f"{whose} requests link '{wanted}', which {len(fitting)} jobs provide.",
                why=f"They are {', '.join(map(str, fitting))}.",
                fix="Give one of them another name with `as`, and name it with `from`.",
                where=where,
            )
            return
        known = sorted({each.link.alias for each in self.providers if each.link.type == link.link_type})
        self.found.report(
            "unknown-link",
            f"{whose} requests link '{wanted}' of type '{link.link_type}', which no job provides.",
            why=f"Links of that type: {', '.join(map(repr, known)) or 'none'}.",
            fix="Name one of them with `from`, or add `custom_provider_definitions` to a job.",
            where=where,
        )
