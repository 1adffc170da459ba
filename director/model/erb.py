"""What is asked of Ruby, and what it answers: ERB templates of one job with their context.

Takes nothing, gives frozen values.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass

LARGEST_OUTPUT = 16 << 20
"""Characters one template may make; a template that makes more does not end, as far as anyone can tell."""

TOO_LARGE = f"its output exceeds {LARGEST_OUTPUT} characters"
"""The message of its failure then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsNumbers:
    """The numbers by which BOSH's DNS names write AZs, networks and groups.

    `link_groups` are those of the deployment itself, "name-type"; `groups` are by `group_key`.
    """

    azs: Mapping[str, str] = field(default_factory=dict)
    link_groups: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


def group_key(deployment: str, kind: str, name: str) -> str:
    """What `groups` calls a group: of kind "instance-group", or "link" for the instances that provide a link."""
    return f"{deployment}/{kind}/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErbTemplate:
    """`name` is what messages call it: "run.erb", "monit"."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErbRequest:
    """Templates that see one context: the instance's own `spec` as BOSH has it, and what its group shares; secrets in.

    `properties` and `links` that are the same object in many requests reach the evaluating process once.
    """

    job: str
    templates: tuple[ErbTemplate, ...]
    spec: Mapping[str, JsonValue] = field(repr=False)
    properties: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    links: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    dns: DnsNumbers = field(default_factory=DnsNumbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErbText:
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErbFailure:
    """`line` counts from 1, 0 if not known. `names` are the properties or links that were not found, if that is it.

    `is_of_link` says that they are properties of a link.
    """

    line: int
    message: str
    names: tuple[str, ...] = ()
    is_of_link: bool = False


Erb = Callable[[ErbRequest], tuple[ErbText | ErbFailure, ...]]
"""Evaluates templates, one answer for each in order. Raises InputError, code `ruby-missing`."""
