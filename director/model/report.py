"""What a command tells its user: tables, logins, what changed.

Takes nothing, gives frozen values. `report/` turns them into words or JSON, the terminal shows them.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, JsonValue, Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`name` is the JSON schema's name ("instances"); each row maps a column to its value, in the columns' order.

    `count` is how many of `name` the rows are about, None where each row is one. `about` is the subject of all rows, in
    JSON under `subject`; `heading` names it in text. `less_important` columns are left out, the first one first, where
    a terminal has no room for all.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, JsonValue], ...]
    empty: str = "Nothing."
    count: int | None = None
    subject: str = ""
    about: Mapping[str, JsonValue] = field(default_factory=dict)
    heading: tuple[str, ...] = ()
    less_important: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlace:
    """One of the environment's clouds as it is named to people: `title` has account and region.

    `identity` has the facts by the cloud's own words.
    """

    name: str
    plugin: str
    title: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudLogin:
    """By which way compleat signs in to one of the environment's clouds, without secrets."""

    cloud: str
    plugin: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One line of the final report, tried: `problem` "" when it worked. A path is quoted for the shell when printed."""

    name: str
    value: str
    problem: str = ""
    is_secret: bool = False
    is_path: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a plan will cost: `prices` are each an hour's, by cloud. Empty where no cloud has prices."""

    prices: Mapping[str, tuple[Price, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOutputLine:
    """An output of a template after its deployment; `value` is None where it is secure.

    `is_known` is False for what compleat cannot know of other clouds: `value` then names the expression.
    """

    name: str
    type: str
    value: JsonValue
    is_secure: bool = False
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UpReport:
    """What `up` prints at the end, line by line. `took_s` is the whole command's time; `outputs` are a template's."""

    environment: str
    lines: tuple[ReportLine, ...]
    took_s: float
    outputs: tuple[TemplateOutputLine, ...] = ()
    bill: Bill = field(default_factory=Bill)
    clouds: tuple[CloudPlace, ...] = ()

    @property
    def is_good(self) -> bool:
        """Every line that could be tried worked."""
        return not any(line.problem for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedDeletion:
    """One deletion that was asked of the cloud."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One query to a cloud for everything that has the environment's owner key.

    `at` is when the cloud had answered, in seconds since 1970; `counts` has the resources listed, by kind.
    """

    cloud: str
    at: float
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownReport:
    """What `down` asked the cloud to delete, and what the cloud still has of the environment: by its own word.

    `missing` is recorded and was not found, with `is_elsewhere` because it is on another cloud and was not looked for;
    `is_forgotten` says that the records are dropped. `unasked` are clouds that cannot list the environment's resources:
    there the records alone say what there is. `listings` are all queries that were made, in their order.
    `is_ended_by_jumpbox`: the clock on the jumpbox deleted what is missing, before this command.
    """

    environment: str
    asked: tuple[RequestedDeletion, ...] = ()
    left: tuple[RequestedDeletion, ...] = ()
    missing: tuple[RequestedDeletion, ...] = ()
    is_elsewhere: bool = False
    is_forgotten: bool = True
    unasked: tuple[str, ...] = ()
    clouds: tuple[CloudPlace, ...] = ()
    listings: tuple[Listing, ...] = ()
    is_ended_by_jumpbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """How a run ended. `state` is BOSH's; `counts` how many actions of each kind were done."""

    deployment: str
    number: int
    state: str
    took_s: float
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandResult:
    """What an errand said on one instance.

    A long stream is in a file, `stdout_path`; if it is too long to be shown at once, `stdout` is its end, and
    `stdout_left_out` counts the bytes before it.
    """

    errand: str
    instance: str
    exit_code: int
    stdout: str
    stderr: str
    stdout_path: str = ""
    stderr_path: str = ""
    stdout_left_out: int = 0
    stderr_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFinding:
    """One cloud's preflight result; None for findings in files, which need no cloud.

    `plugin` is what the cloud is. `request` is what became of its quota need: an id there, or the text to send.
    `where` is the place in a document, "" for none.
    """

    cloud: str | None
    finding: Finding
    request: str = ""
    plugin: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCloudLink:
    """A link whose consumer ("web/web", group and job) is on one cloud and whose provider has instances on another."""

    consumer: str
    link: str
    provider: str
    from_cloud: str
    to_cloud: str
