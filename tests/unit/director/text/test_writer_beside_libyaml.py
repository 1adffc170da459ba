"""Our emitter beside libyaml's, of which the reference tool's is a translation: same styles, same bytes."""

import io

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from director.text.yaml import key_order, scalar_text, scalars, writer
from tests.support.examples import share

fragments = st.sampled_from(
    ["word", " ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "-", "- ", "'", '"', "a", "é", "\\", "yes", "1", "?", "? ",
     "{", "[", "x y", "((v))", "\t", "longer-word-here", "%", "@", "=", "---"]
)  # fmt: skip
words = st.lists(fragments, max_size=40).map("".join)
leaves = words | st.integers() | st.booleans() | st.none()
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=15
)


@share(1.5)
@given(trees)
@example({"k" * 129: {"a": ["word " * 30]}, "x\ny": [[["'" + "word " * 30]]]})
def test_given_the_same_styles_libyaml_writes_the_same_bytes(tree: object) -> None:
    assert writer.write_yaml(tree) == _libyaml(tree)  # type: ignore[arg-type]


class _Dumper(yaml.CSafeDumper):
    """Finds every tag implied, so that none is written."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        names = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
        return f"tag:yaml.org,2002:{names[kind]}"  # type: ignore[index]


def _libyaml(tree: object) -> str:
    out = io.StringIO()
    dumper = _Dumper(out, allow_unicode=True, width=80)
    dumper.open()
    dumper.serialize(_node(tree))
    dumper.close()
    return out.getvalue().removesuffix("...\n")


def _node(value: object) -> yaml.Node:
    if isinstance(value, dict):
        pairs = [(_node(key), _node(value[key])) for key in key_order.order_keys(value)]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not value)
    if isinstance(value, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in value], flow_style=not value)
    if isinstance(value, str):
        style = "|" if "\n" in value else None if scalars.is_read_back(value) else '"'
        return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=style)
    return yaml.ScalarNode("tag:yaml.org,2002:str", scalar_text.describe_other(value), style=None)  # type: ignore[arg-type]
