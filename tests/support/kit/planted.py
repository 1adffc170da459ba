"""Planted faults by name: what preflight must say, and after a colon which of several with that code.

Takes names and findings, gives codes.
"""

from collections.abc import Iterable

from cpi.contract.values import Finding


def codes_of(names: Iterable[str]) -> set[str]:
    """The codes that the planted faults must be found by."""
    return {name.partition(":")[0] for name in names}


def fatal_codes(findings: Iterable[Finding]) -> set[str]:
    """The codes of the findings that forbid the plan; each finding says what, why and how to fix it."""
    found = tuple(findings)
    assert all(finding.what and finding.why and finding.fix for finding in found)
    return {finding.code for finding in found if finding.is_fatal}
