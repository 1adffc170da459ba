"""Problems of rendered jobs are reported while planning: monit files, their programs, scripts."""

import pytest

from director.model.environments.desired import Job
from director.model.environments.instance_spec import InstanceSpec
from director.model.examined import JobFindings
from director.releases import bpm_configs
from director.render.front import Engines, examine_jobs, render_jobs
from director.render.templates import Jinja
from tests.unit.director.render.builders import build_job, build_spec, no_erb, no_secret

CHECK = "check process {0}\n  with pidfile /var/vcap/sys/run/{0}.pid\n  group vcap\n"


def examined(*jobs: Job) -> JobFindings:
    spec: InstanceSpec = build_spec(*jobs)
    return examine_jobs(
        spec, render_jobs(spec, no_secret, Engines(erb=no_erb, jinja=Jinja())), bpm_configs.read_bpm_config
    )


def reported(*jobs: Job) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.where, problem.why) for problem in examined(*jobs).problems]


def starting(program: str, *, name: str = "web") -> str:
    return CHECK.format(name) + f'  start program "{program}"\n'


def test_a_job_without_processes_has_nothing_wrong() -> None:
    assert examined(build_job({})) == JobFindings()


@pytest.mark.parametrize(
    ("monit", "where", "why"),
    [
        ("check proces web", "jobs/web/monit:1", "Found 'proces'."),
        (
            'check process a with pidfile /a\n  start program "/x\n  stop program "/y"\n  group vcap\n',
            "jobs/web/monit:2",
            "Found a quote that is closed on another line.",
        ),
        ("# {{ 1 }}\ncheck x", "jobs/web/monit", "Found 'x' on line 2 of what it renders to."),
    ],
)
def test_a_monit_file_that_cannot_be_read_is_told_with_the_jobs_own_file(monit: str, where: str, why: str) -> None:
    assert reported(build_job({}, monit=monit)) == [("monit-file-broken", where, why)]


@pytest.mark.parametrize("monit", ['{"processes": [{"name": "web"}]}', "\n{}\n"])
def test_a_job_of_windows_is_refused_by_its_monit_file_of_json(monit: str) -> None:
    (found,) = reported(build_job({}, monit=monit))
    assert found[:2] == ("job-of-windows", "jobs/web/monit:1")


def test_a_second_monit_file_of_a_job_is_told_by_its_template() -> None:
    job = build_job({"extra.monit": "check x"})
    assert reported(job) == [("monit-file-broken", "jobs/web/templates/extra.monit:1", "Found 'x'.")]


def test_an_order_that_cannot_be_is_told_with_the_check_that_is_to_blame() -> None:
    one = build_job({}, monit="\n" + CHECK.format("a") + "  depends on ghost", name="one")
    assert reported(one) == [
        ("monit-depends-broken", "jobs/one/monit:2",
         "'a' depends on 'ghost', which no monit file of this instance defines."),
    ]  # fmt: skip
    two = build_job({}, monit=CHECK.format("ghost") + "  depends on a", name="two")
    assert reported(one, two) == [("monit-depends-broken", "jobs/one/monit:2", "the circle is a -> ghost -> a.")]


def test_one_name_in_two_jobs_of_an_instance_is_told() -> None:
    jobs = [build_job({}, monit=CHECK.format("a"), name=name) for name in ("one", "two")]
    assert reported(*jobs) == [("monit-name-twice", "jobs/two/monit:1", "The other one is at jobs/one/monit:1.")]


def test_a_program_of_a_job_that_is_not_there_is_told() -> None:
    (problem,) = examined(build_job({}, monit=starting("/var/vcap/jobs/bpm/bin/bpm start web"))).problems
    assert (problem.code, problem.where) == ("monit-program-missing", "jobs/web/monit:1")
    assert "is started by /var/vcap/jobs/bpm/bin/bpm, but the instance has no job 'bpm'" in problem.what
    assert "Add job 'bpm' of release 'bpm' to instance group 'front'" in problem.fix


@pytest.mark.parametrize(
    ("program", "is_there"),
    [
        ("/var/vcap/jobs/web/bin/ctl start", True),
        ("/var/vcap/jobs/web/./bin//ctl", True),
        ("/var/vcap/jobs/web/bin/other", False),
        ("/var/vcap/packages/known/bin/x", True),
        ("/var/vcap/jobs/web/packages/known/bin/x", True),
        ("/var/vcap/packages/unknown/bin/x", False),
        ("/var/vcap/jobs/web/packages/unknown/bin/x", False),
        ("/bin/sh -c /var/vcap/jobs/nobody/x", True),
        ("/usr/bin/python3", True),
    ],
)
def test_what_a_check_starts_must_be_brought_by_a_job_or_a_package(program: str, is_there: bool) -> None:
    job = build_job({"bin/ctl": "#!/bin/sh\n"}, monit=starting(program), packages=("known",))
    codes = [problem.code for problem in examined(job).problems]
    assert codes == ([] if is_there else ["monit-program-missing"])


def test_a_file_that_a_pre_start_script_may_write_is_a_remark() -> None:
    job = build_job({"bin/pre-start": "#!/bin/sh\n"}, monit=starting("/var/vcap/jobs/web/bin/made"))
    result = examined(job)
    assert (result.problems, [remark.kind for remark in result.remarks]) == ((), ["monit-program-missing"])


@pytest.mark.parametrize(("content", "found"), [("echo hi\n", "does not begin with `#!`"), (" \n", "it is empty")])
def test_a_script_that_no_kernel_runs_is_told(content: str, found: str) -> None:
    (problem,) = examined(build_job({"bin/pre-start": content})).problems
    assert (problem.code, problem.where) == ("script-without-interpreter", "jobs/web/templates/bin/pre-start:1")
    assert found in problem.what


def test_a_script_that_only_some_runs_need_is_a_remark() -> None:
    result = examined(build_job({"bin/run": "echo"}))
    assert (result.problems, [remark.kind for remark in result.remarks]) == ((), ["script-without-interpreter"])


BPM = starting("/var/vcap/jobs/bpm/bin/bpm start web") + '  stop program "/var/vcap/jobs/bpm/bin/bpm stop web"\n'
LAUNCHER = build_job({"bin/bpm": "#!/bin/sh\n"}, name="bpm")


def test_a_bpm_file_that_bpm_would_refuse_is_a_problem_of_the_job_that_it_starts() -> None:
    config = "processes: [{name: web, executable: /x, shutdown_signal: KILL}]"
    broken = build_job({"config/bpm.yml": config}, monit=BPM)
    assert [(code, where) for code, where, _ in reported(broken, LAUNCHER)] == [
        ("bpm-config-broken", "jobs/web/templates/config/bpm.yml")
    ]
    other = build_job({"config/bpm.yml": "processes: [{name: worker, executable: /x}]"}, monit=BPM)
    assert [code for code, _, _ in reported(other, LAUNCHER)] == ["bpm-process-unknown"]
    unused = build_job({"config/bpm.yml": config})
    assert (reported(unused), [remark.kind for remark in examined(unused).remarks]) == ([], ["bpm-config-unused"])


def test_a_key_that_bpm_ignores_is_a_remark() -> None:
    job = build_job({"config/bpm.yml": "processes: [{name: web, executable: /x, odd: 1}]"}, monit=BPM)
    findings = examined(job, LAUNCHER)
    assert findings.problems == ()
    assert [(remark.kind, "processes[0].odd" in remark.text) for remark in findings.remarks] == [("key-ignored", True)]


def test_what_was_read_of_a_bpm_file_is_rendered_beside_it() -> None:
    job = build_job({"config/bpm.yml": "processes: [{name: web, executable: /x}]"})
    engines = Engines(erb=no_erb, jinja=Jinja(), bpm=bpm_configs.read_bpm_config)
    rendered = render_jobs(build_spec(job), no_secret, engines)["web"]
    assert b'"executable": "/x"' in rendered[".bosh/bpm.json"].content


def test_limits_that_need_control_groups_are_a_remark() -> None:
    job = build_job(
        {"config/bpm.yml": "processes: [{name: web, executable: /x, limits: {memory: 1G, open_files: 9}}]"}, monit=BPM
    )
    (remark,) = examined(job, LAUNCHER).remarks
    assert (remark.kind, "bpm limits memory of job 'web' by control groups" in remark.text) == ("bpm-limits", True)


def test_conditions_that_are_not_watched_are_listed_once_for_each_job() -> None:
    monit = (
        CHECK.format("a")
        + "  if totalmem > 1 Gb then restart\n"
        + CHECK.format("b")
        + "  if failed port 1 then alert\n"
    )
    findings = examined(build_job({}, monit=monit))
    assert findings.problems == ()
    assert [(remark.kind, remark.text) for remark in findings.remarks] == [
        (
            "monit-unwatched",
            (
                "The monit file of job 'web' has parts that are not watched: a: if totalmem > 1 Gb then restart; "
                "b: if failed port 1 then alert (jobs/web/monit:1)."
            ),
        )
    ]


def test_a_check_outside_of_boshs_group_is_a_remark() -> None:
    monit = "check process lonely with pidfile /var/vcap/sys/run/web/lonely.pid\n" + CHECK.format("a")
    findings = examined(build_job({}, monit=monit))
    assert findings.problems == ()
    assert [(remark.kind, remark.text) for remark in findings.remarks] == [
        (
            "monit-group-missing",
            "The monit file of job 'web' has checks without `group vcap`: lonely is not started.",
        )
    ]


def test_settings_of_monit_itself_are_a_remark_with_their_place_and_without_their_values() -> None:
    monit = "set daemon 60\nset httpd port 2822 allow admin:secret\n" + CHECK.format("a")
    findings = examined(build_job({}, monit=monit))
    assert findings.problems == ()
    assert [(remark.kind, remark.text) for remark in findings.remarks] == [
        (
            "monit-setting-unused",
            (
                "The monit file of job 'web' has settings without effect here: `set daemon`, `set httpd` "
                "(jobs/web/monit:1)."
            ),
        )
    ]
