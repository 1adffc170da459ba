"""Where the text of a job's file was written: its template beside the job's spec.

Takes a job and a file's path or template's name, gives a place for messages.
"""

from director.model.environments.desired import Job
from director.render import languages
from director.render.jobs import MONIT
from director.render.languages import Language


def template_place(job: Job, source: str) -> str:
    """The template's own file; `source` is its name below templates/, or "monit"."""
    folder, slash, _ = job.source.where.rpartition("/")
    return f"{folder}{slash}{source}" if source == MONIT else f"{folder}{slash}templates/{source}"


def file_place(job: Job, path: str, line: int = 0) -> str:
    """The template of a rendered file; with the line only where the template is copied as it is."""
    if path == MONIT:
        source, language = MONIT, languages.language_of_monit(job.source.monit)
    else:
        template = next(each for each in job.source.templates if each.destination == path)
        source, language = template.source, languages.language_of(template.source, template.content)
    place = template_place(job, source)
    return f"{place}:{line}" if line and language is Language.VERBATIM else place
