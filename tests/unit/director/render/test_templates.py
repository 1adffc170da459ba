"""Jinja sees what ERB sees, cannot reach outside, and cannot run away."""

import pytest

from cpi.contract.values import JsonValue
from director.model.erb import DnsNumbers, ErbFailure, ErbText
from director.render.languages import Language, TemplateContext, language_of, language_of_monit
from director.render.properties import Links
from director.render.templates import Jinja

LINKS: JsonValue = {
    "db": {
        "instances": [{"name": "db", "index": 0, "id": "i", "az": "z1", "address": "10.0.0.5", "bootstrap": True}],
        "properties": {"port": 5432, "tls": {"on": False}},
        "instance_group": "db",
        "default_network": "back",
        "deployment_name": "shop",
        "domain": "bosh",
        "group_name": "db-sql",
    },
    "hand": {"instances": [{"address": "a.example"}], "properties": {}, "address": ""},
}
CONTEXT = TemplateContext(
    spec={"name": "front", "index": 1, "az": "z1", "networks": {"default": {"ip": "10.0.0.9"}}},
    properties={"a": {"b": 1, "off": False, "none": None, "empty": ""}, "words": ["x y", "z"], "map": {"k": [1]}},
    links=Links(by_name=LINKS if isinstance(LINKS, dict) else {}, dns=DnsNumbers(azs={"z1": "1"})),
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ p('a.b') }} {{ p('a.zz', 7) }} {{ p(['a.zz', 'a.b']) }} {{ p('a.none', none) }}", "1 7 1 "),
        ("{{ p('a.off') }} {{ p('a.off', true) }} [{{ p('a.empty') }}]", "false false []"),
        ("{{ has_p('a.b', 'a.off') }} {{ has_p('a.none') }} {{ if_p('a.b') }}", "true false true"),
        ("{% call(b, o) if_p('a.b', 'a.off') %}{{ b }}{{ o }}{% endcall %}.", "1false."),
        ("{% call(b) if_p('a.none') %}never{% endcall %}.", "."),
        ("{{ link('db').p('port') }} {{ link('db').p('x', 3) }} {{ link('db').has_p('tls.on') }}", "5432 3 true"),
        ("{% for i in link('db').instances %}{{ i.name }}/{{ i.index }} {{ i.address }}{% endfor %}", "db/0 10.0.0.5"),
        ("{{ link('db').address() }} {{ has_link('db') }} {{ has_link('no') }}", "q-s0.db.back.shop.bosh true false"),
        ("{{ link('db').address(azs=['z1']) }}", "q-a1s0.db.back.shop.bosh"),
        ("{% call(l) if_link('db') %}{{ l.p('port') }}{% endcall %}{% call(l) if_link('no') %}x{% endcall %}", "5432"),
        (
            "{{ name }}/{{ index }} {{ spec.az }} {{ spec.networks.default.ip }} {{ properties.a.b }}",
            "front/1 z1 10.0.0.9 1",
        ),
        ("{{ p('map') | json }} {{ 'é\"' | json }} {{ p('a.none', none) | json }}", '{"k": [1]} "é\\"" null'),
        ("{{ p('map') | yaml }}|{{ 'x' | yaml }}", "k:\n- 1|x"),
        ("{{ p('words') | shell }} {{ \"it's\" | shell }} {{ 5 | shell }}", "'x y' z 'it'\"'\"'s' 5"),
        ("line\n", "line\n"),
        ("{% set n = namespace(x=1) %}{% set n.x = 2 %}{{ n.x }}", "2"),
    ],
)
def test_a_template_sees_what_bosh_would_show_it(template: str, text: str) -> None:
    assert Jinja().render("t.j2", template, CONTEXT) == ErbText(content=text)


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("\n{{ p('no') }}", 2, "Can't find property '[\"no\"]'"),
        ("{{ p(['no', 'nor']) }}", 1, 'Can\'t find property \'["no", "nor"]\''),
        ("{{ link('no') }}", 1, "Can't find link 'no'"),
        ("{{ spec.nothing }}", 1, "'dict object' has no attribute 'nothing'"),
        ("{{ nothing }}", 1, "'nothing' is undefined"),
        ("a\n{% endfor %}", 2, "Encountered unknown tag 'endfor'."),
        ("{% include 'x' %}", 1, "no loader for this environment specified"),
        ("\n\n{{ 1 / 0 }}", 3, "division by zero"),
        ("{{ ''.__class__ }}", 1, "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ p.__func__ }}", 1, "access to attribute '__func__' of 'method' object is unsafe."),
        ("{{ p('words').append(1) }}", 1, "access to attribute 'append' of 'list' object is unsafe."),
        ("{{ p('words') }}", 1, "a list or a map is printed: use the filter json or yaml, or join it"),
        ("{{ link('db').address }}", 1, "a value without text form is printed: call it, or name one of its fields"),
        ("{{ link('db').address(azs=['z2']) }}", 1, "Unknown AZ: 'z2'"),
        ("{{ link('hand').address() }}", 1, "The link has no address; use those of its instances"),
        ("{{ link('db') }}", 1, "a value without text form is printed: call it, or name one of its fields"),
        ("{{ p('map') | shell }}", 1, "a map is not allowed in a shell command"),
        ("{{ 9 ** 99 }}", 1, "a power above 64 is not allowed"),
        ("{{ 'x' * 99999999 }}", 1, "a repetition this long is not allowed"),
        ("{% macro m() %}\n{{ p('no') }}{% endmacro %}\n{{ m() }}", 2, "Can't find property '[\"no\"]'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, "maximum recursion depth exceeded"),
        (
            "{% set x = 'x' * 99999 %}{% for a in range(999) %}{{ x }}{% endfor %}",
            0,
            "its output exceeds 16777216 characters",
        ),
    ],
)
def test_a_template_that_cannot_be_rendered_says_where_and_why(template: str, line: int, message: str) -> None:
    failure = Jinja().render("t.j2", template, CONTEXT)
    assert isinstance(failure, ErbFailure)
    assert (failure.line, failure.message[: len(message)]) == (line, message)


def test_the_name_decides_before_the_content() -> None:
    reported = [
        language_of(name, content) for name, content in (("a.j2", b"<%"), ("a", b"<%"), ("a", b"{{"), ("a.erb", b""))
    ]
    assert reported == [Language.JINJA, Language.ERB, Language.VERBATIM, Language.VERBATIM]


def test_a_monit_file_is_judged_by_its_content() -> None:
    reported = [language_of_monit(content) for content in (b"<% {{", b"{{ p }}", b"{% if %}", b"check process")]
    assert reported == [Language.ERB, Language.JINJA, Language.JINJA, Language.VERBATIM]
