"""What a bundle's index reports, against the deployments that it names: nothing is built whose report could not be.

Takes a written index and its deployments resolved. Raises InputError and Problems.
"""

import re
from collections.abc import Iterator, Sequence

from director.model.documents import WrittenDocument
from director.model.environments.desired import Desired
from director.model.written.bundle import Bundle, ReportedEndpoint
from director.resolve.findings import Findings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SHOWN = 80


def check_report(index: WrittenDocument[Bundle], deployments: Sequence[Desired]) -> None:
    """Check that each endpoint can be reported.

    Raises: bad-report-name, bad-credentials-path, unknown-deployment, unknown-instance-group, unknown-job,
    unknown-variable.
    """
    found = Findings()
    _check_credentials(found, index)
    for name, reported in index.document.report.items():
        _check_name(found, name, where=index.where("report", name))
        for key in ("user_key", "password_key"):
            _check_name(found, getattr(reported, key) or "x", where=index.where("report", name, key))
        for kind, key, wanted, known in _named(reported, deployments):
            if wanted not in known:
                where = index.where("report", name, key)
                found.report_unknown(kind, wanted, whose=f"Endpoint '{name[:_SHOWN]}'", known=known, where=where)
    found.raise_if_any()


def _check_name(found: Findings, name: str, *, where: str) -> None:
    if not _NAME.fullmatch(name):
        found.report(
            "bad-report-name",
            f"{name[:_SHOWN]!r} is not a valid name in the report.",
            why="a name is of letters, digits and '_', '.', '-', begins with a letter or a digit, and has at most "
            "100 of them: it is a field of the result, and the file of an endpoint's CA is called so.",
            fix="Choose a valid name.",
            where=where,
        )


def _check_credentials(found: Findings, index: WrittenDocument[Bundle]) -> None:
    written = index.document.credentials
    if written is None:
        return
    _check_name(found, written.name, where=index.where("credentials", "name"))
    if not all(_NAME.fullmatch(part) for part in written.path.split("/")):
        found.report(
            "bad-credentials-path",
            f"{written.path[:_SHOWN]!r} is not a valid path for the file of logins.",
            why="it is below the home of the user who logs in there; each part of its path is of letters, digits and "
            "'_', '.', '-', and begins with a letter or a digit.",
            fix="Write a valid path, for example manifests/platform.yml.",
            where=index.where("credentials", "path"),
        )


def _named(reported: ReportedEndpoint, deployments: Sequence[Desired]) -> Iterator[tuple[str, str, str, Sequence[str]]]:
    """What the endpoint names: its kind, its key, the name, and those that there are."""
    yield "deployment", "deployment", reported.deployment, [each.deployment for each in deployments]
    desired = next((each for each in deployments if each.deployment == reported.deployment), None)
    if desired is None:
        return
    group = next((each for each in desired.groups if each.name == reported.instance_group), None)
    yield "instance group", "instance_group", reported.instance_group, [each.name for each in desired.groups]
    if reported.job is not None and group is not None:
        yield "job", "job", reported.job, [each.name for each in group.jobs]
    prefix = f"/{desired.environment}/{desired.deployment}/"
    variables = [each.name.removeprefix(prefix) for each in desired.variables]
    for key, name in (("password", reported.password), ("ca", reported.ca)):
        if name is not None:
            yield "variable", key, name, variables
