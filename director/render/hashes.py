"""BOSH's hashes of rendered jobs.

Takes jobs and their rendered files, gives SHA-1 in hex. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/core/templates/rendered_job_instance.rb and rendered_job_template.rb.
"""

import hashlib
from collections.abc import Iterator, Mapping

from director.model.environments.desired import Job
from director.model.rendered import RenderedFile, RenderedJobs
from director.render.jobs import LINKS, MONIT


def template_hash(job: Job, files: Mapping[str, RenderedFile]) -> str:
    """Of the monit file and the files in the order of their sources."""
    digest = hashlib.sha1(files[MONIT].content, usedforsecurity=False)
    for _, file in _by_source(job, files):
        digest.update(file.content)
    return digest.hexdigest()


def configuration_hash(jobs: tuple[Job, ...], rendered: RenderedJobs) -> str:
    """Of everything an instance runs: it differs when, and only when, a rendered file does."""
    digest = hashlib.sha1(usedforsecurity=False)
    for job in sorted(jobs, key=lambda job: job.name):
        files = rendered[job.name]
        digest.update(files[MONIT].content + job.name.encode())
        for destination, file in _by_source(job, files):
            digest.update(file.content + destination.encode())
    return digest.hexdigest()


def _by_source(job: Job, files: Mapping[str, RenderedFile]) -> Iterator[tuple[str, RenderedFile]]:
    sources = {template.source: template.destination for template in job.source.templates} | {LINKS: LINKS}
    for _, destination in sorted(sources.items()):
        yield destination, files[destination]
