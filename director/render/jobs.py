"""One job's files: each template in its language, all of its failures told.

Takes a job and what its templates see, gives files and failures.
"""

import json
from collections.abc import Iterator

from cpi.contract.value_classes import dataclass
from director.model import bpm, dns_names, erb
from director.model.bpm import BpmReader
from director.model.environments.desired import Job
from director.model.erb import DnsNumbers, Erb
from director.model.rendered import RenderedFile
from director.render import languages
from director.render.languages import Language, TemplateContext

MONIT = "monit"
LINKS = ".bosh/links.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile:
    """A file on its way: `source` is what messages call it, `destination` where it goes below the job's directory."""

    source: str
    destination: str
    content: bytes
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTemplate:
    """`source` is the template's name below templates/, or "monit"."""

    source: str
    failure: erb.ErbFailure


Made = RenderedFile | FailedTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What evaluates templates. One value serves a whole run."""

    erb: Erb
    jinja: Erb
    bpm: BpmReader = bpm.read_nothing


def render_files(job: Job, context: TemplateContext, engines: Engines) -> Iterator[tuple[str, Made]]:
    """Each file of the job by its destination, the monit file first, links.json last. Raises: ruby-missing."""
    yield from render_written(job, context, engines, written=files_of(job))
    yield LINKS, RenderedFile(content=links_file(job, context.links.dns).encode())


def files_of(job: Job) -> tuple[JobFile, ...]:
    """The job's files before they are rendered, the monit file first."""
    return (_monit(job), *_templates(job))


def render_written(
    job: Job, context: TemplateContext, engines: Engines, *, written: tuple[JobFile, ...]
) -> Iterator[tuple[str, Made]]:
    """Some of the job's files, each by its destination. Raises: ruby-missing."""
    evaluated = _evaluate(job, context, engines, written=written)
    for file in written:
        text = evaluated[file.source] if file.source in evaluated else _unevaluated(file)
        yield file.destination, _made(file, text)


def links_file(job: Job, dns: DnsNumbers) -> str:
    """The provided links as BOSH's agent reads them."""
    provided = [
        {
            "name": link.alias,
            "type": link.type,
            "group": dns.link_groups.get(dns_names.link_group_name(link.alias, link.type), ""),
        }
        for link in job.provides
    ]
    return json.dumps(sorted(provided, key=lambda link: link["group"]), indent=2, ensure_ascii=False) + "\n"


def _monit(job: Job) -> JobFile:
    content = job.source.monit
    return JobFile(source=MONIT, destination=MONIT, content=content, language=languages.language_of_monit(content))


def _templates(job: Job) -> Iterator[JobFile]:
    for template in job.source.templates:
        yield JobFile(
            source=template.source,
            destination=template.destination,
            content=template.content,
            language=languages.language_of(template.source, template.content),
        )


def _evaluate(
    job: Job, context: TemplateContext, engines: Engines, *, written: tuple[JobFile, ...]
) -> dict[str, erb.ErbText | erb.ErbFailure]:
    """All of the job's ERB in one request, and all of its Jinja in another; by source."""
    found: dict[str, erb.ErbText | erb.ErbFailure] = {}
    for language, evaluate in ((Language.ERB, engines.erb), (Language.JINJA, engines.jinja)):
        asked = [file for file in written if file.language is language and _decoded(file.content) is not None]
        if asked:
            request = erb.ErbRequest(
                job=job.name,
                spec=context.spec,
                properties=context.properties,
                links=context.links.by_name,
                templates=tuple(erb.ErbTemplate(name=file.source, text=file.content.decode()) for file in asked),
                dns=context.links.dns,
            )
            found |= {file.source: answer for file, answer in zip(asked, evaluate(request), strict=True)}
    return found


def _unevaluated(file: JobFile) -> erb.ErbFailure | None:
    """What is copied as it is, None; a template that is no text, its failure."""
    return None if file.language is Language.VERBATIM else erb.ErbFailure(line=0, message="it is not UTF-8 text")


def _made(file: JobFile, text: erb.ErbText | erb.ErbFailure | None) -> Made:
    if isinstance(text, erb.ErbFailure):
        return FailedTemplate(source=file.source, failure=text)
    content = file.content if text is None else text.content.encode()
    return RenderedFile(content=content, is_executable=file.destination.startswith("bin/"))


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
