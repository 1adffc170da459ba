"""What a bundle's index says, against the deployments that it names: nothing is built whose steps or report fail by it.

Takes a written index and its deployments resolved, or their names. Raises InputError and Problems.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from director.model.documents import WrittenDocument
from director.model.environments.desired import Desired
from director.model.written.bundle import Bundle, PostStep, ReportedEndpoint
from director.resolve import order
from director.resolve.findings import Findings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 80


def order_deployments(index: WrittenDocument[Bundle], names: Sequence[str]) -> tuple[int, ...]:
    """Places of the deployments in the index, each after what it depends on and otherwise as listed.

    `names` are the deployments' names as their manifests have them. Raises: unknown-deployment, bundle-cycle,
    bundle-deployment-twice.
    """
    written = index.document.deployments
    needs = {name: each.depends_on for name, each in zip(names, written, strict=True)}
    if not any(needs.values()):
        return tuple(range(len(written)))
    found = Findings()
    for number, each in enumerate(written):
        where = index.where("deployments", number, "depends_on")
        for need in each.depends_on:
            if need not in needs:
                found.report_unknown("deployment", need, whose=f"'{names[number]}'", known=names, where=where)
        if names.index(names[number]) != number:
            _report_twice(found, names[number], where=index.where("deployments", number))
    ordered, circle = order.in_order(needs)
    if circle:
        found.report(
            "bundle-cycle",
            "The bundle's deployments depend on each other in a circle.",
            why=f"{' -> '.join(circle)}.",
            fix="Remove one of these names from `depends_on`.",
            where=index.where("deployments", names.index(circle[0]), "depends_on"),
        )
    found.raise_if_any()
    return tuple(names.index(name) for name in ordered)


def check_releases(index: WrittenDocument[Bundle], used: Iterable[tuple[str, str]]) -> None:
    """Check that the releases of the index are those of the manifests, by name and version.

    Raises: bundle-release-unused, bundle-release-twice, bundle-eula-unused.
    """
    found, known = Findings(), set(used)
    seen: set[tuple[str, str]] = set()
    for number, each in enumerate(index.document.releases):
        where = index.where("releases", number)
        if (each.name, each.version) in seen:
            found.report(
                "bundle-release-twice",
                f"The index lists release '{each.name}/{each.version}' twice.",
                why="A release is taken from one place.",
                fix="Remove one of the entries.",
                where=where,
            )
        seen.add((each.name, each.version))
        if each.accept_eula and not each.url.startswith("pivnet://"):
            found.report(
                "bundle-eula-unused",
                f"`accept_eula` of release '{each.name}/{each.version}' has no effect.",
                why="Only files of a product network (pivnet://) have an EULA to accept.",
                fix="Remove it.",
                where=index.where("releases", number, "accept_eula"),
            )
        if (each.name, each.version) not in known:
            listed = ", ".join(sorted("/".join(one) for one in known))
            found.report(
                "bundle-release-unused",
                f"No manifest of the bundle names release '{each.name}/{each.version}'.",
                why=f"They name: {listed or 'none'}.",
                fix="Correct its name and version, or remove it.",
                where=where,
            )
    found.raise_if_any()


def _report_twice(found: Findings, name: str, *, where: str) -> None:
    found.report(
        "bundle-deployment-twice",
        f"Two deployments of the bundle are called '{name}'.",
        why="`depends_on` names deployments, so each name may stand once.",
        fix="Rename one of them in its manifest.",
        where=where,
    )


def check_report(index: WrittenDocument[Bundle], deployments: Sequence[Desired]) -> None:
    """Check that each endpoint can be reported, and each step can run.

    Raises: bad-report-name, report-name-twice, bad-variable-name, bad-credentials-path, unknown-deployment,
    unknown-instance-group, unknown-job, unknown-variable.
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
    _check_steps(found, index, deployments)
    found.raise_if_any()


def _check_steps(found: Findings, index: WrittenDocument[Bundle], deployments: Sequence[Desired]) -> None:
    names = [*index.document.report]
    for number, step in enumerate(index.document.post_steps):
        _check_name(found, step.name, where=index.where("post_steps", number, "name"))
        if step.name in names:
            found.report(
                "report-name-twice",
                f"Two lines of the report are called '{step.name[:_SHOWN]}'.",
                why="Endpoints and steps have a line each, which is a field of the result.",
                fix="Rename one of them.",
                where=index.where("post_steps", number, "name"),
            )
        names.append(step.name)
        for variable in step.env:
            if not _VARIABLE.fullmatch(variable):
                found.report(
                    "bad-variable-name",
                    f"{variable[:_SHOWN]!r} is not the name of an environment variable.",
                    why="It is of letters, digits and '_', and does not begin with a digit.",
                    fix="Choose a valid name.",
                    where=index.where("post_steps", number, "env"),
                )
        for kind, key, wanted, known in _named_by_step(step, deployments):
            if wanted not in known:
                where = index.where("post_steps", number, *key)
                found.report_unknown(kind, wanted, whose=f"Step '{step.name[:_SHOWN]}'", known=known, where=where)


def _check_name(found: Findings, name: str, *, where: str) -> None:
    if not _NAME.fullmatch(name):
        found.report(
            "bad-report-name",
            f"{name[:_SHOWN]!r} is not a valid name in the report.",
            why="A name is of letters, digits and '_', '.', '-', begins with a letter or a digit, and has at most "
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
            why="It is below the home of the user who logs in there; each part of its path is of letters, digits and "
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
    variables = _variables(desired)
    for key, name in (("password", reported.password), ("ca", reported.ca)):
        if name is not None:
            yield "variable", key, name, variables


def _named_by_step(
    step: PostStep, deployments: Sequence[Desired]
) -> Iterator[tuple[str, tuple[str, ...], str, Sequence[str]]]:
    yield "deployment", ("deployment",), step.deployment, [each.deployment for each in deployments]
    desired = next((each for each in deployments if each.deployment == step.deployment), None)
    if desired is None:
        return
    groups = [each.name for each in desired.groups]
    yield "instance group", ("instance_group",), step.instance_group, groups
    for key, variable in step.env.items():
        yield "variable", ("env", key), variable, _variables(desired)


def _variables(desired: Desired) -> list[str]:
    prefix = f"/{desired.environment}/{desired.deployment}/"
    return [each.name.removeprefix(prefix) for each in desired.variables]
