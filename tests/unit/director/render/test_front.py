"""Jobs and properties become files; every failing template is reported."""

import pytest

from cpi.contract.values import JsonValue
from director.errors import InputError, Problems
from director.model.environments.desired import ProvidedLink
from director.model.erb import TOO_LARGE, ErbFailure, ErbRequest, ErbText
from director.model.rendered import RenderedFile
from director.model.secret_ref import SecretRef, SecretText
from director.render.front import Engines, render_jobs
from director.render.templates import Jinja
from tests.unit.director.render.builders import build_job, build_spec, no_erb, no_secret

NO_LINKS = RenderedFile(content=b"[]\n")


def test_each_file_is_rendered_in_its_language() -> None:
    job = build_job(
        {"bin/run.j2": "{{ name }}/{{ index }}\n", "erb": "<%= 1 %>", "plain": "{{ as it is }}\n"},
        monit="check {{ p('port') }}",
        properties={"port": 80},
    )
    asked: list[ErbRequest] = []

    def ruby(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        asked.append(request)
        return tuple(ErbText(content=template.name.upper()) for template in request.templates)

    assert render_jobs(build_spec(job), no_secret, Engines(erb=ruby, jinja=Jinja())) == {
        "web": {
            "monit": RenderedFile(content=b"check 80"),
            "bin/run": RenderedFile(content=b"front/2\n", is_executable=True),
            "erb": RenderedFile(content=b"ERB"),
            "plain": RenderedFile(content=b"{{ as it is }}\n"),
            ".bosh/links.json": NO_LINKS,
        }
    }
    assert [request.properties for request in asked] == [{"port": 80}]


def test_secrets_are_put_in_by_name_and_field() -> None:
    job = build_job(
        {"a.j2": "{{ p('whole') }} {{ p('field') }} {{ p('inside') }}"},
        properties={
            "whole": SecretRef(name="/e/d/w"),
            "field": SecretRef(name="/e/d/c", path=("ca",)),
            "inside": SecretText(parts=("<", SecretRef(name="/e/d/w"), ">")),
        },
    )
    secrets: dict[str, JsonValue] = {"/e/d/w": "word", "/e/d/c": {"ca": "PEM"}}
    rendered = render_jobs(build_spec(job), secrets.__getitem__, Engines(erb=no_erb, jinja=Jinja()))
    assert rendered["web"]["a"].content == b"word PEM <word>"


def test_every_failing_template_of_every_job_is_told_with_its_line() -> None:
    one = build_job({"a.j2": "\n{{ p('wanted') }}", "b.j2": "{{ link('db').p('x') }}"}, name="one")
    two = build_job({"c.j2": "x\n\n{% if %}", "d.j2": "{{ p('wnted') }}"}, name="two")
    with pytest.raises(Problems) as raised:
        render_jobs(build_spec(one, two), no_secret, Engines(erb=no_erb, jinja=Jinja()))
    assert [(p.where, p.what, p.why, p.fix) for p in raised.value.problems] == [
        (
            "jobs/one/templates/a.j2:2",
            "Template 'a.j2' of job 'one' fails for instance front/2: Can't find property '[\"wanted\"]'.",
            "The job's spec gives it no default, and the manifest gives it no value.",
            "Set it under the properties of job 'one' in the manifest.",
        ),
        (
            "jobs/one/templates/b.j2:1",
            "Template 'b.j2' of job 'one' fails for instance front/2: Can't find link 'db'.",
            "The link is optional and has no provider.",
            "Ask with if_link or has_link first, or name a provider in the manifest.",
        ),
        (
            "jobs/two/templates/c.j2:3",
            (
                "Template 'c.j2' of job 'two' fails for instance front/2: "
                "Expected an expression, got 'end of statement block'."
            ),
            "Line 3 of it cannot be rendered.",
            "Correct the template, or the property it works on.",
        ),
        (
            "jobs/two/templates/d.j2:1",
            "Template 'd.j2' of job 'two' fails for instance front/2: Can't find property '[\"wnted\"]'.",
            "The spec of job 'two' does not declare this name.",
            "Did you mean 'wanted'? Otherwise declare it in jobs/two/spec.",
        ),
    ]


def test_a_secret_is_not_told_by_the_message_of_a_template_that_fails_on_it() -> None:
    job = build_job({"a": "<%= 1 %>"}, properties={"password": SecretRef(name="pw")})

    def ruby(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        return (ErbFailure(line=4, message='undefined method for "s3\\ncr\\"et" and s3\ncr"et'),)

    with pytest.raises(InputError) as raised:
        render_jobs(build_spec(job), lambda name: 's3\ncr"et', Engines(erb=ruby, jinja=Jinja()))
    assert (raised.value.what, raised.value.where) == (
        "Template 'a' of job 'web' fails for instance front/2: undefined method for \"<secret>\" and <secret>.",
        "jobs/web/templates/a:4",
    )


def test_a_template_that_renders_without_end_has_a_code_of_its_own() -> None:
    job = build_job({"a": "<%= 1 %>"})

    def ruby(request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        return (ErbFailure(line=0, message=TOO_LARGE),)

    with pytest.raises(InputError) as raised:
        render_jobs(build_spec(job), lambda name: "", Engines(erb=ruby, jinja=Jinja()))
    assert (raised.value.code, raised.value.where) == ("template-too-large", "jobs/web/templates/a")


def test_a_template_that_is_not_text_is_told() -> None:
    job = build_job({})
    template = job.source.templates
    broken = build_job({"a.j2": ""}).source.templates[0]
    assert template == ()
    source = type(job.source)(
        name="web",
        fingerprint="f",
        where="jobs/web/spec",
        monit=b"",
        templates=(type(broken)(source="a.j2", destination="a", content=b"\xff"),),
    )
    with pytest.raises(InputError, match="it is not UTF-8 text"):
        render_jobs(
            build_spec(type(job)(name="web", release="r", release_version="1", source=source)),
            no_secret,
            Engines(erb=no_erb, jinja=Jinja()),
        )


def test_provided_links_are_listed_for_the_agent() -> None:
    plain = build_job({})
    job = type(plain)(
        name="web",
        release="r",
        release_version="1",
        source=plain.source,
        provides=(ProvidedLink(name="site", type="http", alias="shop"),),
    )
    rendered = render_jobs(build_spec(job), no_secret, Engines(erb=no_erb, jinja=Jinja()))
    assert rendered["web"][".bosh/links.json"].content == (
        b'[\n  {\n    "name": "shop",\n    "type": "http",\n    "group": ""\n  }\n]\n'
    )


def test_a_secret_without_the_wanted_field_is_told_without_its_value() -> None:
    job = build_job({}, properties={"a": SecretRef(name="cert", path=("key",))})
    with pytest.raises(InputError) as raised:
        render_jobs(
            build_spec(job), lambda name: {"private_key": "hush", "ca": "hush"}, Engines(erb=no_erb, jinja=Jinja())
        )
    assert (raised.value.code, raised.value.why) == ("secret-field-missing", "it has the fields 'ca', 'private_key'.")
    assert "hush" not in f"{raised.value} {raised.value.what}"


def test_a_field_of_a_declared_property_is_told_by_the_property_that_is_to_be_set() -> None:
    job = build_job({"a.j2": "{{ p('wanted.server.ca') }}"})
    with pytest.raises(InputError) as caught:
        render_jobs(build_spec(job), no_secret, Engines(erb=no_erb, jinja=Jinja()))
    assert caught.value.why == "The spec of job 'web' declares 'wanted', whose field 'server.ca' has no value."
    assert caught.value.fix == "Set 'wanted' under the properties of job 'web', with its field 'server.ca'."
