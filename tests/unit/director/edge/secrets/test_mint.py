"""Options of variables: whatever passes planning can be generated, and says in the value what was asked."""

import datetime
from collections.abc import Mapping

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.values import JsonValue
from director.edge.secrets import mint
from director.errors import InputError
from director.model import variable_options
from director.model.environments.desired import VariableSpec
from tests.support.examples import share

_CA = VariableSpec(name="/e/ca", type="certificate", options={"is_ca": True, "key_length": 2048})
_ANY = st.one_of(st.none(), st.booleans(), st.integers(-2, 200_000), st.floats(), st.text(max_size=70))
_HOSTS = st.one_of(
    st.ip_addresses().map(str),
    st.from_regex(r"(\*\.)?[a-z0-9_]{1,63}(\.[a-z0-9-]{1,64}){0,4}\.?", fullmatch=True),
    st.text(max_size=12),
)
_OPTIONS = st.fixed_dictionaries(
    {"ca": st.just("/e/ca"), "key_length": st.just(2048)},
    optional={
        "common_name": st.one_of(st.text(min_size=60, max_size=66), _ANY),
        "organization": _ANY,
        "duration": st.one_of(st.sampled_from([1, 106_751, 106_752]), _ANY),
        "is_ca": st.booleans(),
        "alternative_names": st.lists(_HOSTS, max_size=4),
        "extended_key_usage": st.lists(st.sampled_from(["client_auth", "server_auth"]), max_size=3),
    },
)


@pytest.fixture(scope="module")
def ca() -> JsonValue:
    return mint.make_value(_CA, _nobody)


@share(0.25)
@given(options=_OPTIONS)
def test_a_certificate_whose_options_pass_can_be_made_and_holds_them(
    ca: JsonValue, options: dict[str, JsonValue]
) -> None:
    if list(variable_options.option_problems("certificate", options)):
        return
    made = x509.load_pem_x509_certificate(_made("certificate", options, ca)["certificate"].encode())
    days = (made.not_valid_after_utc - made.not_valid_before_utc) / datetime.timedelta(days=1)
    assert days == options.get("duration", 365)
    named = [each.value for each in made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    assert named == [name for name in (options.get("common_name"),) if name]
    assert _hosts(made) == ([] if options.get("is_ca") else options.get("alternative_names", []))


@given(options=st.fixed_dictionaries({}, optional={"length": _ANY, "username": _ANY}))
def test_a_user_whose_options_pass_can_be_made_and_holds_them(options: dict[str, JsonValue]) -> None:
    if list(variable_options.option_problems("user", options)):
        with pytest.raises(InputError):
            _made("user", options)
        return
    made = _made("user", options)
    assert len(made["password"]) == options.get("length", 20)
    assert made["username"] == options.get("username", made["username"])


@pytest.mark.parametrize(
    ("kind", "option", "fits", "does_not"),
    [
        ("password", "length", [1, 4096], [0, -5, 4097, True, 10.0, "20", None]),
        ("certificate", "duration", [1, 106_751], [0, -1, 106_752, 99_999_999, 10.5, True, "365"]),
        ("certificate", "key_length", [2048, 3072, 4096], [1024, 2047, "2048", True, 2048.0]),
        ("certificate", "common_name", ["", "x" * 64, "ü" * 32], ["x" * 65, "ü" * 33, ["a"], 5, "a\nb"]),
        ("certificate", "alternative_names", [[], ["*.a.b", "::1", "a_b"], ["x" * 63]], ["a", [5], [""], ["x" * 64]]),
        ("certificate", "alternative_names", [[f"{'x.' * 126}x"]], [[f"{'x.' * 126}xx"], ["a b"], ["a..b"], ["ü.b"]]),
        ("certificate", "is_ca", [True, False], ["yes", 1, None]),
        ("certificate", "extended_key_usage", [[], ["client_auth"]], ["client_auth", ["x"], ["client_auth"] * 2]),
    ],
)
def test_options_at_both_sides_of_their_limits(
    kind: str, option: str, fits: list[JsonValue], does_not: list[JsonValue]
) -> None:
    base: dict[str, JsonValue] = {"ca": "ca"} if kind == "certificate" else {}

    def is_fit(value: JsonValue) -> bool:
        return not list(variable_options.option_problems(kind, {**base, option: value}))

    assert [value for value in fits if not is_fit(value)] == []
    assert [value for value in does_not if is_fit(value)] == []


def _made(kind: str, options: Mapping[str, JsonValue], ca: JsonValue = None) -> dict[str, str]:
    value = mint.make_value(VariableSpec(name="/e/x", type=kind, options=options), lambda _: ca)
    assert isinstance(value, dict)
    return {key: str(member) for key, member in value.items()}


def _hosts(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def _nobody(name: str) -> JsonValue:
    raise AssertionError(name)
