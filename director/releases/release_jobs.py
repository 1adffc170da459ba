"""A job of a release, from the files of its directory or of its archive.

Takes files by path within the job, gives a ReleaseJob. Source: cloudfoundry/bosh-cli release/job, bosh-director
jobs/release/release_job.rb.
"""

import json
import posixpath
from collections.abc import Mapping

from cpi.contract.errors import ExplainedError
from cpi.contract.values import JsonValue
from director.errors import InputError
from director.model.releases.release import (
    RELOAD_SCRIPT,
    LinkDefinition,
    PropertyDefinition,
    ReleaseJob,
    TemplateFile,
)
from director.model.releases.release_files import TextFile
from director.releases import fingerprints, release_documents, release_names
from director.releases.fingerprints import FingerprintedFile
from director.releases.release_documents import ReleaseDocument, ReleaseFindings

_SCHEMA = "properties_schema.json"
_LONGEST_NAME, _LONGEST_PATH, _SHOWN = 255, 1024, 80


def read_job(
    files: Mapping[str, TextFile], folder: str, *, spec_name: str, fingerprint: str, findings: ReleaseFindings
) -> ReleaseJob:
    """Read one job; `spec_name` is "spec" in a directory and "job.MF" in an archive.

    `fingerprint` "" means that it is computed. Adds to the problems: job-spec-missing, job-name-mismatch,
    job-monit-missing, job-template-missing, job-template-target, job-schema-broken, job-link-incomplete,
    job-link-twice, job-link-provided-optional, job-reload-without-script, release-name-invalid, and those of the
    YAML.
    """
    where = f"{folder}/{spec_name}"
    if spec_name not in files:
        findings.problems.append(_spec_missing(folder, spec_name))
        return ReleaseJob(name="", fingerprint="", where=where, templates=(), monit=b"")
    spec = release_documents.read_release_document(files[spec_name].content, where, findings)
    spec.pass_over("description")
    _check_name(spec, folder)
    job = ReleaseJob(
        name=spec.word("name"),
        fingerprint=fingerprint or _fingerprint(files, spec, spec_name),
        where=where,
        templates=_templates(files, spec),
        monit=_monit(files, spec),
        packages=spec.words("packages"),
        properties=_properties(spec),
        consumes=_links(spec, "consumes"),
        provides=_links(spec, "provides"),
        properties_schema=_schema(files, folder, findings.problems),
    )
    _check_reload(spec, job)
    return job


def _check_reload(spec: ReleaseDocument, job: ReleaseJob) -> None:
    """What is taken over without a restart needs the script that does it."""
    reloaded: list[tuple[str | int, ...]] = [("properties", each.name) for each in job.properties if each.is_reloaded]
    reloaded += [("consumes", index) for index, link in enumerate(job.consumes) if link.reloaded]
    script = f"bin/{RELOAD_SCRIPT}"
    if reloaded and all(template.destination != script for template in job.templates):
        spec.refuse(
            "job-reload-without-script",
            f"Job '{job.name}' has properties with 'reload', but no template for {script}.",
            why="The script gives the processes the changed values. Without it they would keep the former ones.",
            fix=f"Add a template for {script}, or remove `reload`.",
            at=(*reloaded[0], "reload"),
        )


def _check_name(spec: ReleaseDocument, folder: str) -> None:
    directory = folder.rpartition("/")[2]
    release_names.check_name(spec, "name", "name of a job")
    if spec.word("name") != directory and not spec.is_broken:
        spec.refuse(
            "job-name-mismatch",
            f"Job directory '{directory}' contains a job named '{spec.word('name')}'.",
            why="A job's directory must have the job's name.",
            fix=f"Write `name: {directory}`, or rename the directory.",
            at=("name",),
        )


def _templates(files: Mapping[str, TextFile], spec: ReleaseDocument) -> tuple[TemplateFile, ...]:
    sources = spec.child("templates")
    found = []
    for source in sorted(sources.names()):
        file = files.get(f"templates/{source}")
        target = _target(sources, source)
        if file and target:
            found.append(TemplateFile(source=source, destination=target, content=file.content))
        elif not file:
            _refuse_template(sources, source)
    return tuple(found)


def _target(sources: ReleaseDocument, source: str) -> str:
    """The path of the template's file in the job's directory; "" if the path is not valid."""
    word = sources.word(source)
    target = posixpath.normpath(word)
    why = _unfit(word, target)
    if why:
        shown = word if len(word) <= _SHOWN else f"{word[:_SHOWN]}..."
        sources.refuse(
            "job-template-target",
            f"Template '{source}' cannot go to '{shown}'.",
            why=f"{why}.",
            fix="Write a path below the job's directory, such as bin/run or config/app.yml.",
            at=(source,),
        )
    return "" if why else target


def _unfit(word: str, target: str) -> str:
    """Why a template cannot go there; "" if it can."""
    names = target.split("/")
    if not word or target == ".":
        return "It is not a file path"
    if word.startswith("/") or ".." in names:
        return "It is absolute or climbs with '..': a job writes only below its own directory"
    if any(len(name.encode("utf-8", "surrogateescape")) > _LONGEST_NAME for name in names):
        return f"A file's name has at most {_LONGEST_NAME} bytes"
    if len(target) > _LONGEST_PATH:
        return f"It has more than {_LONGEST_PATH} characters"
    return "" if target.isprintable() else "It has non-printable characters"


def _refuse_template(sources: ReleaseDocument, source: str) -> None:
    sources.refuse(
        "job-template-missing",
        f"Template '{source}' not found.",
        why="The spec names it, but templates/ does not contain it.",
        fix=f"Add templates/{source}, or remove it from the spec.",
        at=(source,),
    )


def _monit(files: Mapping[str, TextFile], spec: ReleaseDocument) -> bytes:
    if "monit" in files:
        return files["monit"].content
    spec.refuse(
        "job-monit-missing",
        f"Job '{spec.word('name')}' has no monit file.",
        why="Each job needs a monit file beside its spec, which is empty if the job has no processes.",
        fix="Add the file `monit`.",
    )
    return b""


def _properties(spec: ReleaseDocument) -> tuple[PropertyDefinition, ...]:
    properties = spec.child("properties")
    found = []
    for name in sorted(properties.names()):
        definition = properties.child(name)
        definition.pass_over("env", "env_fields", "env_file", "example", "type")
        description = definition.value("description")
        found.append(
            PropertyDefinition(
                name=name,
                default=definition.value("default"),
                description=description if isinstance(description, str) else "",
                is_reloaded=definition.flag("reload"),
            )
        )
    return tuple(found)


def _links(spec: ReleaseDocument, key: str) -> tuple[LinkDefinition, ...]:
    found: dict[str, LinkDefinition] = {}
    for entry in spec.children(key):
        link = LinkDefinition(
            name=entry.word("name"),
            type=entry.word("type"),
            is_optional=key == "consumes" and entry.flag("optional"),
            properties=entry.words("properties"),
            reloaded=entry.words("reload") if key == "consumes" else (),
        )
        _check_link(entry, link, key)
        if link.name in found:
            entry.refuse(
                "job-link-twice",
                f"Link '{link.name}' is listed twice under '{key}'.",
                fix="Give each link of a job its own name.",
            )
        found[link.name] = link
    return tuple(found.values())


def _check_link(entry: ReleaseDocument, link: LinkDefinition, key: str) -> None:
    if not link.name or not link.type:
        entry.refuse(
            "job-link-incomplete", f"A link under '{key}' has no name or no type.", fix="Write both `name` and `type`."
        )
    if key == "provides" and entry.has("optional"):
        entry.refuse(
            "job-link-provided-optional",
            f"Link '{link.name}' is provided, but has 'optional'.",
            why="Only consumed links can be optional.",
            fix="Remove `optional`.",
            at=("optional",),
        )


def _schema(files: Mapping[str, TextFile], folder: str, problems: list[ExplainedError]) -> JsonValue:
    if _SCHEMA not in files:
        return None
    try:
        schema: JsonValue = json.loads(files[_SCHEMA].content)
    except (ValueError, RecursionError) as error:
        problems.append(
            InputError(
                "job-schema-broken",
                f"{_SCHEMA} is not JSON.",
                why=f"Parser error: {error}.",
                fix="Correct the file.",
                where=f"{folder}/{_SCHEMA}",
            )
        )
        return None
    return schema


def _fingerprint(files: Mapping[str, TextFile], spec: ReleaseDocument, spec_name: str) -> str:
    names = {"job.MF": spec_name, "monit": "monit", _SCHEMA: _SCHEMA}
    names.update({f"templates/{source}": f"templates/{source}" for source in spec.child("templates").names()})
    return fingerprints.fingerprint_of(
        FingerprintedFile(
            path=path,
            digest=fingerprints.digest_of(files[name].content),
            mode=fingerprints.mode_word(files[name].permissions),
        )
        for path, name in names.items()
        if name in files
    )


def _spec_missing(folder: str, spec_name: str) -> InputError:
    return InputError(
        "job-spec-missing",
        f"{folder} has no file '{spec_name}'.",
        why="Each job needs a spec file.",
        fix="Add it, or remove the directory.",
        where=folder,
    )
