"""What preflight finds: one problem or remark each, and the quota that would solve it.

Takes nothing, gives frozen values.
"""

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing (`is_fatal` False), before anything was created.

    `quota` is the quota to request from the cloud, None if no request would help. `property_path` and `written_names`
    are those of ExplainedError.
    """

    code: str
    what: str
    why: str
    fix: str
    is_fatal: bool = True
    quota: "QuotaNeed | None" = None
    property_path: str = ""
    written_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: ExplainedError) -> "Finding":
        """An error that would come later, and ends the plan now."""
        return cls(
            code=error.code,
            what=error.what,
            why=error.why,
            fix=error.fix,
            property_path=error.property_path,
            written_names=error.written_names,
        )


QUOTA_LEFT = "quota-left"  # the code of findings about limits that the plan fits under


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNeed:
    """A limit and a plan: the cloud's own `name` for it ("L-1216C47A", "standardDSv3Family"), and where.

    `used` and `limit` are as of now, `needed` is the least limit that the plan fits under. `label` are people's words.
    """

    name: str
    region: str
    unit: str
    used: int
    limit: int
    needed: int
    label: str = ""
