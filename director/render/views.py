"""What templates see, made once for all instances that see the same.

Takes specs and jobs, gives contexts, and the files of an instance, each made once for all that have the same view.
"""

import json
from collections.abc import Hashable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.rendered import RenderedFile
from director.model.reveal import Revealer
from director.model.secret_ref import Property
from director.render import jobs as job_files
from director.render import properties, reads
from director.render.jobs import Engines, FailedTemplate, JobFile
from director.render.languages import TemplateContext

_MUCH_BYTES = 8 << 20
_NO_LINKS: Mapping[str, Property] = {}


class Contexts:
    """Contexts of one rendering. Properties and links that instances share, by identity, are revealed once for all."""

    def __init__(self, revealer: Revealer) -> None:
        self.revealer = revealer
        self._properties: dict[int, tuple[object, Mapping[str, JsonValue]]] = {}
        self._links: dict[int, tuple[object, properties.Links]] = {}
        self._spec: tuple[object, Mapping[str, JsonValue]] | None = None

    @property
    def kept(self) -> int:
        """How many properties and links are kept."""
        return len(self._properties) + len(self._links)

    def context_of(self, spec: InstanceSpec, job: Job) -> TemplateContext:
        """What the templates of the instance's job see. Raises: secret-field-missing, secret-not-text."""
        links = spec.links.get(job.name, _NO_LINKS)
        # What is kept beside each entry stays alive with it, so no other value can come to have the same id.
        if id(job.properties) not in self._properties:
            self._properties[id(job.properties)] = (job.properties, self._revealed(job.properties))
        if id(links) not in self._links:
            self._links[id(links)] = (links, properties.Links(by_name=self._revealed(links), dns=spec.dns))
        release: JsonValue = {"name": job.release, "version": job.release_version}
        return TemplateContext(
            spec={**self._revealed_spec(spec), "release": release},
            properties=self._properties[id(job.properties)][1],
            links=self._links[id(links)][1],
        )

    def _revealed_spec(self, spec: InstanceSpec) -> Mapping[str, JsonValue]:
        """That of the last instance, for each of its jobs; threads that render others meanwhile repeat it."""
        known = self._spec
        if known is None or known[0] is not spec.spec:
            known = self._spec = (spec.spec, self._revealed(spec.spec))
        return known[1]

    def _revealed(self, value: Mapping[str, Property]) -> Mapping[str, JsonValue]:
        revealed = self.revealer.reveal(value)
        assert isinstance(revealed, Mapping)
        return revealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One instance's files by job and destination; `failed` are templates that failed and were not reported before."""

    rendered: Mapping[str, Mapping[str, RenderedFile]]
    failed: tuple[tuple[Job, FailedTemplate], ...]
    is_whole: bool


Made = tuple[str, RenderedFile | FailedTemplate]
"""A destination, and what became of its file."""


class _MadeFiles:
    """What was made, by view. Many instances that each print much are more than fits: unused files are dropped."""

    def __init__(self) -> None:
        self.by_view: dict[Hashable, Made] = {}
        self._earlier: dict[Hashable, Made] = {}
        self._bytes = 0

    def has(self, view: Hashable) -> bool:
        """Whether it was made and is there; then it stays in `by_view` until files are next dropped."""
        if view not in self.by_view and view in self._earlier:
            self.keep(view, self._earlier[view])
        return view in self.by_view

    def keep(self, view: Hashable, made: Made) -> None:
        """Have it in `by_view`."""
        self.by_view[view] = made
        if isinstance(made[1], RenderedFile):
            self._bytes += len(made[1].content)

    def drop_unused(self) -> None:
        """Once the cache is full, drop entries unused since the last time; failures stay, to be reported once."""
        if self._bytes > _MUCH_BYTES:
            self._earlier, self._bytes = self.by_view, 0
            self.by_view = {view: made for view, made in self._earlier.items() if isinstance(made[1], FailedTemplate)}


class Views:
    """Files made once for each view: a file's text follows from its job, its links and the fields that it reads."""

    def __init__(self, contexts: Contexts, engines: Engines) -> None:
        self._contexts = contexts
        self._engines = engines
        self._files: dict[int, tuple[Job, Hashable, Sequence[tuple[JobFile, frozenset[str] | None]]]] = {}
        self._made = _MadeFiles()
        self._links: dict[int, tuple[object, str]] = {}

    def render(self, spec: InstanceSpec) -> Seen:
        """The instance's files; only what no instance with the same view had is rendered."""
        rendered: dict[str, dict[str, RenderedFile]] = {}
        failed: list[tuple[Job, FailedTemplate]] = []
        is_whole = True
        self._made.drop_unused()
        for job in spec.jobs:
            views = self._views_of(spec, job)
            failed += [(job, made) for made in self._render_new(spec, job, views) if isinstance(made, FailedTemplate)]
            all_made = [self._made.by_view[view] for _, view in views]
            rendered[job.name] = {place: made for place, made in all_made if isinstance(made, RenderedFile)}
            is_whole = is_whole and len(rendered[job.name]) == len(all_made)
        return Seen(rendered=rendered, failed=tuple(failed), is_whole=is_whole)

    def _render_new(
        self, spec: InstanceSpec, job: Job, views: Sequence[tuple[JobFile, Hashable]]
    ) -> list[RenderedFile | FailedTemplate]:
        new = [(file, view) for file, view in views if not self._made.has(view)]
        if not new:
            return []
        context, files = self._contexts.context_of(spec, job), tuple(file for file, _ in new)
        made = job_files.render_written(job, context, self._engines, written=files)
        for (_, view), one in zip(new, made, strict=True):
            self._made.keep(view, one)
        return [self._made.by_view[view][1] for _, view in new]

    def _views_of(self, spec: InstanceSpec, job: Job) -> tuple[tuple[JobFile, Hashable], ...]:
        """What is kept beside each entry stays alive with it, so no other value can come to have the same id."""
        links = spec.links.get(job.name, _NO_LINKS)
        if id(links) not in self._links:
            self._links[id(links)] = (links, _text(links))
        if id(job) not in self._files:
            read = tuple((file, _fields_of(file)) for file in job_files.files_of(job))
            self._files[id(job)] = (job, _kind_of(job), read)
        _, kind, files = self._files[id(job)]
        seen = (kind, self._links[id(links)][1])
        return tuple((file, (*seen, file.source, file.destination, _view(spec, fields))) for file, fields in files)


def _fields_of(file: JobFile) -> frozenset[str] | None:
    return reads.fields_read(file.source, file.content, file.language)


def _kind_of(job: Job) -> Hashable:
    """What its templates see of the job: groups that have a job of one release with equal properties share its files.

    The order of properties counts, as a template may list them.
    """
    return (job.name, id(job.source), _text(job.properties))


def _view(spec: InstanceSpec, fields: frozenset[str] | None) -> Hashable:
    if fields is None:
        return id(spec)
    return tuple((field, _text(spec.spec.get(field))) for field in sorted(fields))


def _text(value: Property) -> str:
    return json.dumps(value, default=repr)
