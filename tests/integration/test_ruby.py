"""One Ruby process evaluates all ERB, and a template that breaks it breaks only itself."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue
from director.edge.secrets.vault_dir import VaultDir
from director.edge.templates.ruby import RubyErb
from director.edge.templates.template_process import TemplateEvaluator, TemplateProgram
from director.errors import InputError
from director.model.environments.desired import VariableSpec
from director.model.erb import TOO_LARGE, DnsNumbers, ErbFailure, ErbRequest, ErbTemplate, ErbText
from director.model.secret_ref import SecretRef
from director.render.front import Engines, check_jobs
from director.render.placeholders import parsed_secrets, placeholder_secrets
from director.render.templates import Jinja
from tests.unit.director.render.builders import build_job, build_spec

pytestmark = pytest.mark.needs("ruby")


@pytest.fixture
def ruby() -> Iterator[RubyErb]:
    with RubyErb(timeout_s=2.0) as erb:
        yield erb


def _request(*templates: str) -> ErbRequest:
    return ErbRequest(
        job="web",
        spec={"name": "front", "index": 0},
        properties={"a": "é"},
        templates=tuple(ErbTemplate(name=f"{number}.erb", text=text) for number, text in enumerate(templates)),
    )


def test_answers_come_in_order(ruby: RubyErb) -> None:
    assert ruby(_request("<%= p('a') %>", "\n<%= p('b') %>", "<%= name %>")) == (
        ErbText(content="é"),
        ErbFailure(line=2, message="Can't find property '[\"b\"]'", names=("b",)),
        ErbText(content="front"),
    )


def test_what_a_template_prints_does_not_reach_the_answers(ruby: RubyErb) -> None:
    assert ruby(_request("<% puts '{}'; $stdout.flush %>x", "y")) == (ErbText(content="x"), ErbText(content="y"))


def test_what_a_template_changes_the_next_does_not_see(ruby: RubyErb) -> None:
    assert ruby(_request("<% raw_properties['a'] << '!' %><%= p('a') %>", "<%= p('a') %>")) == (
        ErbText(content="é!"),
        ErbText(content="é"),
    )


@pytest.mark.parametrize("change", ["name << '!'", "spec.name << '!'", "spec['name'] << '!'", "spec.name = 'x'"])
def test_what_a_template_changes_of_its_instance_the_next_does_not_see(ruby: RubyErb, change: str) -> None:
    seen = "<%= name %> <%= spec.name %>"
    assert ruby(_request(f"<% {change} %>", seen)) == (ErbText(content=""), ErbText(content="front front"))


def test_a_template_that_ends_ruby_fails_alone_among_others(ruby: RubyErb) -> None:
    failed = ErbFailure(line=0, message="Ruby ended with status 3")
    texts = ("<%= p('a') %>", "<% exit! 3 %>", "<%= p('a') %>", "<% exit! 3 %>", "<%= p('a') %>")
    made = ErbText(content="é")
    assert ruby(_request(*texts)) == (made, failed, made, failed, made)


def test_a_template_that_leaves_is_a_failure(ruby: RubyErb) -> None:
    assert ruby(_request("<% exit 3 %>", "y")) == (ErbFailure(line=1, message="exit"), ErbText(content="y"))


def test_a_template_that_ends_ruby_fails_alone(ruby: RubyErb) -> None:
    assert ruby(_request("<% exit! 3 %>", "<%= p('a') %>")) == (
        ErbFailure(line=0, message="Ruby ended with status 3"),
        ErbText(content="é"),
    )


def test_a_ruby_that_was_started_before_is_the_one_that_answers(tmp_path: Path) -> None:
    counted = tmp_path / "ruby"
    counted.write_text(f'#!/bin/sh\necho started >> {tmp_path}/log\nexec ruby "$@"\n')
    counted.chmod(0o700)
    with RubyErb(ruby=str(counted)) as erb:
        erb.start()
        erb.start()
        assert erb(_request("<%= p('a') %>")) == (ErbText(content="é"),)
    assert (tmp_path / "log").read_text() == "started\n"


def test_a_machine_without_ruby_is_told_with_the_first_template_and_not_before(tmp_path: Path) -> None:
    with RubyErb(ruby=str(tmp_path / "none")) as erb:
        erb.start()
        with pytest.raises(InputError) as raised:
            erb(_request("x"))
    assert raised.value.code == "ruby-missing"


def test_a_slow_start_takes_nothing_of_a_templates_time(tmp_path: Path) -> None:
    slow = tmp_path / "ruby"
    slow.write_text('#!/bin/sh\nsleep 2\nexec ruby "$@"\n')
    slow.chmod(0o755)
    with RubyErb(ruby=str(slow), timeout_s=1.5) as ruby:
        assert ruby(_request("<%= p('a') %>")) == (ErbText(content="é"),)


def test_a_template_that_hangs_fails_alone() -> None:
    with RubyErb(timeout_s=0.5) as ruby:
        assert ruby(_request("<% sleep %>", "y"))[0] == ErbFailure(line=0, message="not done after 0.5 s")


def test_a_text_that_is_too_large_is_not_kept_and_fails_alone() -> None:
    request = _request("<%= 'x' * (17 << 20) %>", "y")
    with RubyErb(timeout_s=60) as patient:
        assert patient(request) == (ErbFailure(line=0, message=TOO_LARGE), ErbText(content="y"))


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    endless = "sys.stdout.write('x' * (101 << 20)); sys.stdout.flush(); input()"
    code = f"import sys; print(flush=True); sys.stdin.readline(); {endless}"
    program = TemplateProgram(name="It", command=(sys.executable, "-c", code))
    with TemplateEvaluator(lambda: program, timeout_s=30) as evaluator:
        assert evaluator(_request("y")) == (ErbFailure(line=0, message=TOO_LARGE),)


def test_templates_name_the_directors_errors_and_additions_as_in_the_director(ruby: RubyErb) -> None:
    """credhub-release rescues `UnknownProperty` without its modules."""
    assert ruby(
        _request(
            "<% begin %><%= p('b') %><% rescue UnknownProperty => e %><%= e.message %><% end %>",
            "<% begin %><%= link('x') %><% rescue Bosh::Template::UnknownLink %>none<% end %>",
            "<%= begin; p('b'); rescue Bosh::Common::Template::UnknownProperty; 'none'; end %>",
            "<%= {'a' => {'b' => 1}}.recursive_merge('a' => {'c' => 2}).to_openstruct.a.c %>",
        )
    ) == (
        ErbText(content="Can't find property '[\"b\"]'"),
        ErbText(content="none"),
        ErbText(content="none"),
        ErbText(content="2"),
    )


def test_a_property_that_a_link_lacks_is_the_links(ruby: RubyErb) -> None:
    links: Mapping[str, JsonValue] = {"db": {"instances": [{"properties": {}}], "properties": {}}}
    failures = ruby(replace(_request("<%= link('db').p('a') %>", "<%= link('db').instances[0].p('a') %>"), links=links))
    assert [failure.is_of_link for failure in failures if isinstance(failure, ErbFailure)] == [True, True]


def test_broken_ruby_in_a_template_has_its_line(ruby: RubyErb) -> None:
    (failure,) = ruby(_request("\n\n<% if %>\n"))
    assert isinstance(failure, ErbFailure)
    assert (failure.line, "syntax error" in failure.message) == (3, True)


def test_the_address_of_a_link_is_a_name_or_what_stands_in_the_manifest(ruby: RubyErb) -> None:
    names: dict[str, JsonValue] = {
        "instances": [],
        "properties": {},
        "instance_group": "my_db",
        "default_network": "back",
        "deployment_name": "shop",
        "domain": "bosh",
        "group_name": "db-sql",
    }
    links: dict[str, JsonValue] = {
        "db": {**names, "use_short_dns_addresses": False, "use_link_dns_names": False},
        "short": {**names, "use_short_dns_addresses": True, "use_link_dns_names": False},
        "by_link": {**names, "use_short_dns_addresses": True, "use_link_dns_names": True},
        "hand": {"instances": [], "properties": {}, "address": "192.0.2.1"},
        "none": {"instances": [], "properties": {}, "address": ""},
    }
    texts = (
        "<%= link('db').address %>",
        "<%= link('db').address(azs: ['z2', 'z10'], status: 'healthy') %>",
        "<%= link('short').address(azs: ['z2'], initial_health_check: 'synchronous') %>",
        "<%= link('by_link').address(status: 'unhealthy') %>",
        "<%= link('hand').address(azs: ['z2']) %>",
        "<%= link('db').address(azs: ['z3']) %>",
        "<%= link('none').address %>",
    )
    request = ErbRequest(
        job="web",
        spec={"name": "front", "index": 0},
        links=links,
        dns=DnsNumbers(
            azs={"z2": "2", "z10": "10"},
            networks={"back": "7"},
            groups={"shop/instance-group/my_db": "5", "shop/link/db-sql": "9"},
        ),
        templates=tuple(ErbTemplate(name="t", text=text) for text in texts),
    )
    expected: tuple[ErbText | ErbFailure, ...] = (
        ErbText(content="q-s0.my-db.back.shop.bosh"),
        ErbText(content="q-a10a2s3.my-db.back.shop.bosh"),
        ErbText(content="q-a2n7s0y1.q-g5.bosh"),
        ErbText(content="q-n7s1.q-g9.bosh"),
        ErbText(content="192.0.2.1"),
        ErbFailure(line=1, message="Unknown AZ: 'z3'"),
        ErbFailure(line=1, message="The link has no address; use those of its instances"),
    )
    assert ruby(request) == expected
    jinja = Jinja()
    for template, answer in zip(texts, expected, strict=True):
        text = _as_jinja(template)
        (made,) = jinja(replace(request, templates=(ErbTemplate(name="t", text=text),)))
        assert (made.content if isinstance(made, ErbText) else made.message) == (
            answer.content if isinstance(answer, ErbText) else answer.message
        )


def _as_jinja(template: str) -> str:
    """The same call in Jinja's spelling."""
    text = template.replace("<%=", "{{").replace("%>", "}}").replace(": ", "=")
    return text if ".address(" in text else text.replace(".address", ".address()")


def test_a_machine_without_ruby_is_told_what_to_install() -> None:
    with RubyErb(ruby="no-such-ruby") as ruby, pytest.raises(InputError) as raised:
        ruby(_request("x"))
    assert (raised.value.code, "apt-get install ruby" in raised.value.fix) == ("ruby-missing", True)


def test_a_closed_one_can_be_used_again() -> None:
    ruby = RubyErb()
    first = ruby(_request("x"))
    ruby.close()
    ruby.close()
    assert (first, ruby(_request("x"))) == ((ErbText(content="x"),), (ErbText(content="x"),))
    ruby.close()


def _peers(*templates: str, index: int) -> ErbRequest:
    """Of one instance of many: what they share is the same object in each request."""
    return ErbRequest(
        job="web",
        spec={"name": "front", "index": index},
        properties=_PROPERTIES,
        links=_LINKS,
        templates=tuple(ErbTemplate(name="t", text=text) for text in templates),
    )


_PROPERTIES: dict[str, JsonValue] = {"a": "é", "list": [{"b": "c"}]}
_LINKS: dict[str, JsonValue] = {
    "db": {
        "instances": [{"name": "db", "index": 0, "address": "10.0.0.1", "properties": {"x": ["y"]}}],
        "properties": {"port": "1"},
        "address": "10.0.0.1",
        "group": "db",
    }
}
_SEEN = (
    "<%= [index, raw_properties, p('list'), properties.a, spec.properties.a, spec.links.db.instances.map(&:address),"
    " link('db').instances.map { |i| [i.address, i.properties, i.p('x')] }, link('db').properties, link('db').address,"
    " spec.to_h.keys, spec.respond_to?(:links), spec.nothing, spec['index'], spec.methods(false)].inspect %>"
)


@pytest.mark.parametrize(
    "change",
    [
        "raw_properties['a'] << '!'",
        "raw_properties.delete('a')",
        "p('list').clear",
        "p('list')[0]['b'] << '!'",
        "properties.a << '!'",
        "spec.properties.a = 'other'",
        "spec.links.db.instances[0].address << '!'",
        "spec.links = nil",
        "spec['links'].db.address << '!'",
        "link('db').instances.clear",
        "link('db').instances[0].address << '!'",
        "link('db').instances[0].properties['x'] << '!'",
        "link('db').properties['port'] << '!'",
        "link('db').address << '!'",
        "if_link('db') { |db| db.instances.each { |i| i.name.upcase! } }",
    ],
)
def test_what_the_template_of_one_instance_changes_that_of_the_next_does_not_see(ruby: RubyErb, change: str) -> None:
    with RubyErb() as fresh:
        expected = fresh(_peers(_SEEN, index=2))
    changed, _ = ruby(_peers(f"<% {change} %>done", _SEEN, index=1))
    assert (changed, ruby(_peers(_SEEN, index=2))) == (ErbText(content="done"), expected)
    assert isinstance(expected[0], ErbText)
    assert "10.0.0.1" in expected[0].content


def test_a_template_that_parses_a_certificate_is_checked_before_the_certificate_exists(tmp_path: Path) -> None:
    """As routers do: a certificate without alternative names is refused, and its key is read."""
    text = (
        "<% cert = OpenSSL::X509::Certificate.new(p('a.certificate')); OpenSSL::PKey::RSA.new(p('a.private_key'))\n"
        "raise 'no names' unless cert.extensions.map(&:oid).include?('subjectAltName') %>"
    )
    job = build_job({"a.erb": text}, properties={"a": SecretRef(name="/e/a")})
    vault = VaultDir(tmp_path / "vault", tmp_path / "key")

    def problems(options: Mapping[str, JsonValue]) -> list[str]:
        variable = VariableSpec(name="/e/a", type="certificate", options={"ca": "/e/ca", **options})
        known = {name: vault.sample_secret(variable) for name in parsed_secrets([build_spec(job)])}
        secret = placeholder_secrets([variable], known=known)
        with RubyErb() as ruby:
            return [
                each.what for each in check_jobs([build_spec(job)], secret, Engines(erb=ruby, jinja=Jinja())).problems
            ]

    assert problems({"alternative_names": ["a.example"]}) == []
    (refused,) = problems({})
    assert refused.endswith("fails for instance front/2: no names.")
    assert vault.list_secrets("") == ()
