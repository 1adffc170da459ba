"""What templates see, made once for all instances that see the same.

Takes specs and jobs, gives contexts, and the files of a job that no instance with the same view has had yet.
"""

import json
from collections.abc import Hashable, Mapping, Sequence

from cpi.values import JsonValue
from director.model.desired import Job
from director.model.secret_ref import Property
from director.model.work import InstanceSpec
from director.render import jobs as job_files
from director.render import properties, reads
from director.render.jobs import Written
from director.render.reveal import Revealer
from director.render.templates import Context

_NO_LINKS: Mapping[str, Property] = {}


class Contexts:
    """Contexts of one rendering. Properties and links that instances share, by identity, are revealed once for all."""

    def __init__(self, revealer: Revealer) -> None:
        self._revealer = revealer
        self._properties: dict[int, tuple[object, Mapping[str, JsonValue]]] = {}
        self._links: dict[int, tuple[object, properties.Links]] = {}

    def context_of(self, spec: InstanceSpec, job: Job) -> Context:
        """What the templates of the instance's job see. Raises: secret-field-missing, secret-not-text."""
        links = spec.links.get(job.name, _NO_LINKS)
        # What is kept beside each entry stays alive with it, so no other value can come to have the same id.
        if id(job.properties) not in self._properties:
            self._properties[id(job.properties)] = (job.properties, self._revealed(job.properties))
        if id(links) not in self._links:
            self._links[id(links)] = (links, properties.Links(by_name=self._revealed(links)))
        release: JsonValue = {"name": job.release, "version": job.release_version}
        return Context(
            spec={**self._revealed(spec.spec), "release": release},
            properties=self._properties[id(job.properties)][1],
            links=self._links[id(links)][1],
        )

    def _revealed(self, value: Mapping[str, Property]) -> Mapping[str, JsonValue]:
        revealed = self._revealer.reveal(value)
        assert isinstance(revealed, Mapping)
        return revealed


class Views:
    """Which files were seen to, from which view: a file's text follows from its job, links and the fields it reads."""

    def __init__(self) -> None:
        self._files: dict[int, tuple[Job, Sequence[tuple[Written, frozenset[str] | None]]]] = {}
        self._seen: set[Hashable] = set()
        self._links: dict[int, object] = {}

    def unseen(self, spec: InstanceSpec, job: Job) -> tuple[Written, ...]:
        """The files of the instance's job that no instance with the same view had; they count as seen from now on."""
        links = spec.links.get(job.name, _NO_LINKS)
        self._links[id(links)] = links
        if id(job) not in self._files:
            self._files[id(job)] = (job, tuple((file, _fields_of(file)) for file in job_files.files_of(job)))
        new = [
            (file, (id(job), id(links), file.source, _view(spec, fields))) for file, fields in self._files[id(job)][1]
        ]
        unseen = tuple(file for file, view in new if view not in self._seen)
        self._seen |= {view for _, view in new}
        return unseen


def _fields_of(file: Written) -> frozenset[str] | None:
    return reads.fields_read(file.source, file.content, file.language)


def _view(spec: InstanceSpec, fields: frozenset[str] | None) -> Hashable:
    if fields is None:
        return id(spec)
    return tuple((field, _text(spec.spec.get(field))) for field in sorted(fields))


def _text(value: Property) -> str:
    return json.dumps(value, sort_keys=True, default=str)
