"""The door of this room: bytes, ops and variables to written documents with secrets by name.

Takes Sources already read and KnownNames, gives Written values. All problems of all documents are reported at once:
YAML and ops first, then variables and validation together. Codes: those of reader, operations, patch, bind, validate.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from types import MappingProxyType
from typing import Generic, TypeVar

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import InputError, Problems, raise_all
from director.model.documents import Document, Remark, Source, WrittenDocument
from director.model.secret_ref import Property
from director.model.spans import Spans
from director.model.written.bundle import Bundle
from director.model.written.cloud_config import CloudConfig, PartOfCloudConfig
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.model.written.kinds import Piece
from director.model.written.manifest import Manifest
from director.model.written.ops_file import Operation
from director.model.written.runtime_config import RuntimeConfig
from director.model.written.stemcell_manifest import StemcellManifest
from director.text import merged_configs, validate
from director.text.ops import operations, patch
from director.text.runtime_configs import BoundConfig, Uploaded, merge_configs
from director.text.variables import bind, definitions
from director.text.variables.bind import KnownNames
from director.text.yaml import reader, writer

Result = TypeVar("Result")
Model = TypeVar("Model", bound=Piece)

_NONE: Uploaded = MappingProxyType({})
_CREATE_ENV = "cloud_provider"
"""A top-level key that only manifests of `bosh create-env` have."""


OPEN_VARIABLE = "config-variable-open"
"""The code of remarks about variables of a config that have no value yet; what is at their places is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document to read: its file, the ops files to apply in order, and what variables mean.

    `beside` are configs of the same type, which are one document with it.
    """

    source: Source
    beside: tuple[Source, ...] = ()
    ops: tuple[Source, ...] = ()
    known: KnownNames = field(default_factory=KnownNames)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDocuments:
    """What a deployment is made of.

    `manifest_tree` is the manifest with ops applied and secrets by name. `remarks` are about keys of operations that
    mean nothing there. `open_properties` are variables without a value in properties: wrong only where a job declares
    the property.
    """

    manifest: WrittenDocument[Manifest]
    cloud_config: WrittenDocument[CloudConfig]
    manifest_tree: Property = field(repr=False)
    remarks: tuple[Remark, ...] = ()
    open_properties: tuple[InputError, ...] = ()

    @property
    def manifest_text(self) -> str:
        """The manifest as YAML, written each time."""
        return writer.write_yaml(self.manifest_tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedDocuments:
    """What documents say, and what is wrong with them.

    With problems, `documents` lack unknown keys, or have the right ones; they are None where more is wrong.
    """

    documents: DeploymentDocuments | None
    problems: tuple[ExplainedError, ...] = ()


def read_documents(
    manifest: Reading, cloud_config: Reading, *, runtime_configs: Sequence[Reading] = (), uploaded: Uploaded = _NONE
) -> DeploymentDocuments:
    """Read a manifest, its cloud config and runtime configs; report the problems of all together.

    The manifest has what the runtime configs add to its deployment; `uploaded` says what `latest` means in it.
    """
    looked = look_at_documents(manifest, cloud_config, runtime_configs=runtime_configs, uploaded=uploaded)
    raise_all(looked.problems)
    assert looked.documents, "what could not be read has a problem"
    return looked.documents


def look_at_documents(
    manifest: Reading, cloud_config: Reading, *, runtime_configs: Sequence[Reading] = (), uploaded: Uploaded = _NONE
) -> LookedDocuments:
    """The same for a caller that has more to check, and reports all problems itself."""
    problems: list[ExplainedError] = []
    names = _defined((manifest, *runtime_configs))
    bound = _attempt(partial(_bound_apart, _with_secrets(manifest, names)), problems)
    runtime = [_attempt(partial(_runtime_config, _with_secrets(one, names)), problems) for one in runtime_configs]
    if bound and runtime_configs:
        readable = [one for one in runtime if one]
        document, wrong = merge_configs(bound.document, _valid_manifest(bound), readable, uploaded=uploaded)
        bound = replace(bound, document=document)
        problems.extend(wrong)
    written = _attempt(partial(_judged, bound, Manifest, problems), problems) if bound else None
    bound_config = _attempt(partial(_bound, cloud_config), problems)
    config = _attempt(partial(_judged, bound_config, CloudConfig, problems), problems) if bound_config else None
    if not (bound and written and config) or None in runtime:
        # What jobs declare is not known then: every variable without a value is a problem.
        unread = [problem for one in (bound, *runtime) if one for problem in one.open_properties]
        return LookedDocuments(documents=None, problems=(*unread, *problems))
    documents = DeploymentDocuments(
        manifest=written,
        cloud_config=config,
        manifest_tree=bound.document.tree,
        remarks=(
            *_unused(bound.changes),
            *written.remarks,
            *config.remarks,
            *(remark for one in runtime if one for remark in one.written.remarks),
        ),
        open_properties=(
            *bound.open_properties,
            *(problem for one in runtime if one for problem in one.open_properties),
        ),
    )
    return LookedDocuments(documents=documents, problems=tuple(problems))


def read_manifest(reading: Reading) -> WrittenDocument[Manifest]:
    """Read a deployment manifest."""
    return _checked(_bound(reading), Manifest)


def read_cloud_config(reading: Reading) -> WrittenDocument[CloudConfig]:
    """Read a cloud config."""
    return _checked(_bound(reading), CloudConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedConfigs:
    """What is wrong with configs before a deployment uses them, and what is worth knowing of them.

    `cloud_config` is None where something is wrong, or not known yet.
    """

    problems: tuple[ExplainedError, ...] = ()
    remarks: tuple[Remark, ...] = ()
    cloud_config: WrittenDocument[CloudConfig] | None = None
    runtime_configs: tuple[WrittenDocument[RuntimeConfig], ...] = ()


def check_cloud_config(reading: Reading) -> CheckedConfigs:
    """Check a cloud config, which may lack what other configs will bring, and values that a deploy will be given."""
    problems: list[ExplainedError] = []
    bound = _attempt(partial(_bound, reading), problems)
    if bound is None:
        return CheckedConfigs(problems=tuple(problems))
    missing = [key for key in ("networks", "compilation") if not _has_key(bound.document, key)]
    if missing:
        part = _check(bound, PartOfCloudConfig)
        text = f"No cloud config has {' and '.join(missing)} yet; nothing is deployed before one has."
        remark = Remark(code="cloud-config-incomplete", text=text, where=str(bound.document.spans.at(())))
        return CheckedConfigs(problems=part.problems, remarks=(*part.remarks, remark))
    whole = _check(bound, CloudConfig)
    return CheckedConfigs(problems=whole.problems, remarks=whole.remarks, cloud_config=whole.written)


def check_runtime_configs(readings: Sequence[Reading]) -> CheckedConfigs:
    """Check runtime configs together; variables may be defined by the deployments."""
    problems: list[ExplainedError] = []
    remarks: list[Remark] = []
    configs: list[BoundConfig] = []
    for reading in readings:
        bound = _attempt(partial(_bound, reading), problems)
        if bound is None:
            continue
        checked = _check(bound, RuntimeConfig)
        problems.extend(checked.problems)
        remarks.extend(checked.remarks)
        if checked.written:
            configs.append(BoundConfig(document=bound.document, written=checked.written))
    _, wrong = merge_configs(Document(tree={}, spans=Spans(file="")), None, configs, uploaded=_NONE)
    written = tuple(config.written for config in configs)
    return CheckedConfigs(problems=(*problems, *wrong), remarks=tuple(remarks), runtime_configs=written)


def check_config(reading: Reading, model: type[Piece]) -> CheckedConfigs:
    """Check a config of a type that nothing acts on; variables without a value may stay."""
    problems: list[ExplainedError] = []
    bound = _attempt(partial(_bound, reading), problems)
    if bound is None:
        return CheckedConfigs(problems=tuple(problems))
    checked = _check(bound, model)
    return CheckedConfigs(problems=checked.problems, remarks=checked.remarks)


def read_bundle(reading: Reading) -> WrittenDocument[Bundle]:
    """Read a bundle's index."""
    return _checked(_bound(reading), Bundle)


def read_tree(reading: Reading) -> Document:
    """A document with its ops and variables applied, not checked: what of it has no value yet is a placeholder."""
    return _bound_apart(reading).document


def read_environment_file(reading: Reading) -> WrittenDocument[EnvironmentFile]:
    """Read an environment file."""
    return _checked(_bound(reading), EnvironmentFile)


def read_cpi_config(reading: Reading) -> WrittenDocument[CpiConfig]:
    """Read BOSH's cpi-config."""
    return _checked(_bound(reading), CpiConfig)


def read_stemcell_manifest(reading: Reading) -> WrittenDocument[StemcellManifest]:
    """Read stemcell.MF."""
    return _checked(_bound(reading), StemcellManifest)


def _bound(reading: Reading) -> bind.Bound:
    """For a document that no releases are read beside: every variable without a value is a problem."""
    bound = _bound_apart(reading)
    return replace(bound, problems=(*bound.problems, *bound.open_properties), open_properties=())


def _bound_apart(reading: Reading) -> bind.Bound:
    problems: list[ExplainedError] = []
    read = [_attempt(partial(reader.read_document, one), problems) for one in (reading.source, *reading.beside)]
    files = [_attempt(partial(_read_ops_file, source), problems) for source in reading.ops]
    raise_all(problems)
    first, *others = (document for document in read if document)
    changes = tuple(change for file in files if file for change in file.changes)
    document, wrong = merged_configs.merge_documents((patch.apply_operations(first, changes), *others))
    bound = bind.bind_document(document, reading.known)
    whole = [remark for one in (first, *others) for remark in one.remarks]
    remarks = (*whole, *(remark for file in files if file for remark in file.remarks))
    return replace(bound, problems=(*wrong, *bound.problems), changes=changes, remarks=remarks)


def _valid_manifest(bound: bind.Bound) -> Manifest | None:
    """The manifest without runtime configs; what is wrong with it is reported with them."""
    checked = validate.check_document(bound.document, Manifest)
    found = checked.written or checked.rest
    return found.document if found else None


def _runtime_config(reading: Reading) -> BoundConfig:
    bound = _bound_apart(reading)
    written = _checked(bound, RuntimeConfig)
    return BoundConfig(document=bound.document, written=written, open_properties=bound.open_properties)


def _defined(readings: Sequence[Reading]) -> frozenset[str]:
    """The variables that documents of one deployment define: each may use those of the others."""
    if len(readings) < 2:
        return frozenset()
    documents = [_attempt(partial(reader.read_document, reading.source), []) for reading in readings]
    readable = [document for document in documents if document]  # the others are reported when they are bound
    return frozenset(each.name for document in readable for each in definitions.find_definitions(document))


def _with_secrets(reading: Reading, names: frozenset[str]) -> Reading:
    known = replace(reading.known, secrets=(*reading.known.secrets, *names)) if names else reading.known
    return replace(reading, known=known)


def _unused(changes: Iterable[Operation]) -> Iterator[Remark]:
    for one in changes:
        if one.unused:
            keys = ", ".join(f"`{key}`" for key in one.unused)
            verb = "has" if len(one.unused) == 1 else "have"
            text = f"{keys} of {one.label} {verb} no effect: a {one.type} operation does not read it."
            yield Remark(code="setting-unused", text=text, where=str(one.span))


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpsFile:
    changes: tuple[Operation, ...]
    remarks: tuple[Remark, ...]


def _read_ops_file(source: Source) -> _OpsFile:
    document = reader.read_document(source)
    return _OpsFile(changes=operations.read_operations(document), remarks=document.remarks)


def _checked(bound: bind.Bound, model: type[Model]) -> WrittenDocument[Model]:
    """Validate. Raises all that is wrong."""
    problems: list[ExplainedError] = []
    written = _judged(bound, model, problems)
    raise_all(problems)
    assert written, "a document without problems is valid"
    return written


def _judged(bound: bind.Bound, model: type[Model], problems: list[ExplainedError]) -> WrittenDocument[Model] | None:
    """Validate, and add what is wrong to the problems; a place whose variable is a problem already is not told twice.

    A document that has only unknown keys is given without them.
    """
    if model is Manifest and isinstance(bound.document.tree, Mapping) and _CREATE_ENV in bound.document.tree:
        raise _create_env(str(bound.document.spans.at((_CREATE_ENV,))))
    checked = validate.check_document(bound.document, model)
    places = {problem.where for problem in bound.problems}
    unread = [] if model.is_bosh_document else [_unread(remark) for remark in bound.remarks]
    problems.extend((*bound.problems, *unread))
    problems.extend(problem for problem in checked.problems if problem.where not in places)
    found = checked.written or checked.rest
    if found is None or bound.problems:
        return None
    return replace(found, remarks=(*bound.remarks, *found.remarks))


def _unread(remark: Remark) -> InputError:
    """A part of a document of compleat itself that is not read: nothing else reads it either, so it is a mistake."""
    return InputError(
        "yaml-part-ignored",
        remark.text,
        why="compleat's own files are read strictly: what has no effect is a mistake.",
        fix="Remove what is not to be read.",
        where=remark.where,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked(Generic[Model]):
    written: WrittenDocument[Model] | None
    problems: tuple[InputError, ...]
    remarks: tuple[Remark, ...]


def _check(bound: bind.Bound, model: type[Model]) -> _Checked[Model]:
    """Validate; a variable without a value is a remark, and its place is not judged."""
    checked = validate.check_document(bound.document, model)
    is_open = [problem.code == "unresolved-variable" for problem in bound.problems]
    places = {problem.where for problem in bound.problems}
    problems = [problem for problem, open_ in zip(bound.problems, is_open, strict=True) if not open_]
    remarks = [_open_variable(problem) for problem, open_ in zip(bound.problems, is_open, strict=True) if open_]
    return _Checked(
        written=checked.written,
        problems=(*problems, *(problem for problem in checked.problems if problem.where not in places)),
        remarks=(*remarks, *bound.remarks, *(checked.written.remarks if checked.written else ())),
    )


def _open_variable(problem: InputError) -> Remark:
    text = f"{problem.what} A deploy needs its value, with -v for example."
    return Remark(code=OPEN_VARIABLE, text=text, where=problem.where)


def _has_key(document: Document, key: str) -> bool:
    return isinstance(document.tree, Mapping) and bool(document.tree.get(key))


def _create_env(where: str) -> InputError:
    return InputError(
        "create-env-manifest",
        "This is a manifest of `bosh create-env`, which compleat does not deploy.",
        why=f"`{_CREATE_ENV}` describes how one VM is created without a director: a director or a jumpbox.",
        fix="`compleat up` creates an environment with its jumpbox, and needs no director; then run `compleat deploy` "
        "with a deployment manifest.",
        where=where,
    )


def _attempt(read: Callable[[], Result], problems: list[ExplainedError]) -> Result | None:
    """Give the result, or None after its problems were added to the others."""
    try:
        return read()
    except Problems as several:
        problems.extend(several.problems)
    except InputError as error:
        problems.append(error)
    return None
