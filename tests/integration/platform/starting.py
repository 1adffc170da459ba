"""What is done again and again on a machine that has the platform's jobs.

Takes a machine, starts its jobs or asks its servers.
"""

from tests.integration.platform.machine import Machine

JOBS = ("postgres", "redis", "nats", "console")


def start_jobs(booted: Machine) -> None:
    """Start what a deploy starts, in its order."""
    for script in ("pre-start", "ctl start", "post-start"):
        for job in JOBS:
            program, *arguments = script.split()
            booted.run([f"/var/vcap/jobs/{job}/bin/{program}", *arguments])


def psql(booted: Machine, statement: str) -> str:
    """Run a statement as the superuser, over the local socket."""
    connect = "/var/vcap/packages/postgres/bin/psql -h /var/vcap/sys/run/postgres -d platform -AtqX -c"
    return booted.run(["chpst", "-u", "vcap:vcap", *connect.split(), statement]).stdout.strip()


def redis_cli(booted: Machine, *command: str) -> str:
    """Run a Redis command with the job's own client settings."""
    cli = '. /var/vcap/jobs/redis/config/client.env; exec /var/vcap/packages/redis/bin/redis-cli "$@"'
    return booted.run(["bash", "-c", cli, "redis-cli", *command]).stdout.strip()
