"""Release bpm as the guest provides it: job `bpm` of two scripts, and nothing to compile.

Takes how a manifest names the release, gives a Release. The launcher itself is the guest's (director/guest/bpm).
"""

from director.model.documents import Remark
from director.model.releases.release import Release, ReleaseJob, ReleaseReference, TemplateFile

NAME = "bpm"
_NO_VERSION = "0+guest"
_PROVIDED = (
    "it is provided by the guest, without a seccomp filter, and not fetched; `bpm: release` in the environment file "
    "uses this one"
)
_LAUNCHER = b"""#!/bin/bash
ulimit -n 524288 2> /dev/null || ulimit -n "$(ulimit -Hn)"
exec /var/vcap/bosh/bin/bpm "$@"
"""
_PRE_START = b"""#!/bin/bash
set -e
mkdir -p /var/vcap/sys/log/bpm /var/vcap/data/bpm/package/bin
chown vcap:vcap /var/vcap/sys/log/bpm
ln -sfn /var/vcap/bosh/bin/bpm /var/vcap/data/bpm/package/bin/bpm
ln -sfn /var/vcap/data/bpm/package /var/vcap/packages/bpm
if [ -w /etc/profile.d ]; then
  echo 'export PATH=/var/vcap/jobs/bpm/bin:$PATH' > /etc/profile.d/bpm.sh
fi
"""


def guest_release(reference: ReleaseReference) -> Release:
    """The release, under the version that the manifest names; a version like `latest` chooses nothing here."""
    is_exact = reference.version[:1].isdecimal() and not reference.version.endswith("latest")
    templates = (
        TemplateFile(source="bpm", destination="bin/bpm", content=_LAUNCHER),
        TemplateFile(source="pre-start", destination="bin/pre-start", content=_PRE_START),
    )
    job = ReleaseJob(name=NAME, fingerprint="guest", where="job bpm of the guest", templates=templates, monit=b"")
    return Release(
        name=NAME,
        version=reference.version if is_exact else _NO_VERSION,
        origin="the guest",
        jobs=(job,),
        packages=(),
        remarks=(Remark(code="bpm-provided", text=_PROVIDED, where=reference.where),),
    )
