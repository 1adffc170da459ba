"""Options of variables: whatever passes planning can be generated, and says in the value what was asked."""

import datetime
import re
from collections.abc import Mapping

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
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
        "extended_key_usage": st.lists(st.sampled_from(variable_options.USAGES), max_size=3),
        "key_usage": st.lists(st.sampled_from(variable_options.KEY_USAGES), max_size=3),
        "country": st.one_of(st.sampled_from(["DE", "Germany"]), _ANY),
        "locality": _ANY,
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


def test_a_certificate_has_the_subject_and_the_uses_of_its_options(ca: JsonValue) -> None:
    named = {"organization": "o", "organization_unit": "u", "locality": "l", "state": "s", "country": "DE"}
    uses: dict[str, JsonValue] = {
        "key_usage": ["key_agreement", "non_repudiation", "decipher_only"],
        "extended_key_usage": ["code_signing"],
    }
    options: dict[str, JsonValue] = {"ca": "/e/ca", "key_length": 2048, **named, **uses}
    made = x509.load_pem_x509_certificate(_made("certificate", options, ca)["certificate"].encode())
    assert made.subject.rfc4514_string() == "OU=u,O=o,L=l,ST=s,C=DE"
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_agreement, usage.content_commitment, usage.decipher_only) == (True, True, True)
    assert not usage.digital_signature and not usage.key_encipherment
    extended = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CODE_SIGNING]


def test_a_certificate_that_signs_itself_is_no_ca() -> None:
    made = _made("certificate", {"self_sign": True, "key_length": 2048, "common_name": "me"})
    certificate = x509.load_pem_x509_certificate(made["certificate"].encode())
    assert (made["ca"], certificate.issuer) == (made["certificate"], certificate.subject)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({}, ["[a-z0-9]"]),
        ({"include_special": False}, ["[a-z]", "[A-Z]", "[0-9]"]),
        ({"exclude_lower": True, "exclude_number": True}, ["[A-Z]"]),
        ({"exclude_upper": True, "include_special": True}, ["[a-z]", "[0-9]", "[^a-zA-Z0-9]"]),
    ],
)
def test_a_password_has_each_kind_of_character_that_its_options_leave(
    options: dict[str, JsonValue], kinds: list[str]
) -> None:
    for kind in ("password", "user"):
        made = mint.make_value(VariableSpec(name="/e/x", type=kind, options={**options, "length": 4}), _nobody)
        password = str(made["password"] if isinstance(made, dict) else made)
        assert [each for each in kinds if not re.search(each, password)] == []
        assert re.sub("|".join(kinds), "", password) == "" and len(password) == 4


def test_keys_have_the_length_and_the_comment_of_their_options() -> None:
    ssh = _made("ssh", {"key_length": 3072, "ssh_comment": "me@here"})
    key = serialization.load_pem_private_key(ssh["private_key"].encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey) and key.key_size == 3072
    assert ssh["public_key"].split()[2:] == ["me@here"] and ssh["public_key"].endswith("me@here\n")
    assert mint.remake_ssh(ssh["private_key"], ssh["public_key"]) == ssh
    assert mint.remake_ssh(ssh["private_key"], " ".join(ssh["public_key"].split()[:2])) != ssh
    made = serialization.load_pem_private_key(_made("rsa", {"key_length": 3072})["private_key"].encode(), password=None)
    assert isinstance(made, rsa.RSAPrivateKey) and made.key_size == 3072


def test_a_sample_can_be_parsed_and_shows_its_options_and_its_key_is_no_generated_one() -> None:
    options: dict[str, JsonValue] = {"ca": "/e/ca", "alternative_names": ["a.example"], "common_name": "a"}
    sample = mint.make_sample(VariableSpec(name="/e/x", type="certificate", options=options))
    assert isinstance(sample, dict)
    certificate, signer = (x509.load_pem_x509_certificate(str(sample[each]).encode()) for each in ("certificate", "ca"))
    certificate.verify_directly_issued_by(signer)
    assert _hosts(certificate) == ["a.example"]
    rsa_sample = mint.make_sample(VariableSpec(name="/e/y", type="rsa"))
    assert isinstance(rsa_sample, dict) and rsa_sample["private_key"] == sample["private_key"]
    assert _made("rsa", {})["private_key"] != sample["private_key"]


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
        ("certificate", "key_usage", [[], ["crl_sign"]], ["crl_sign", ["x"], ["crl_sign"] * 2, ["encipher_only"]]),
        ("certificate", "country", ["DE", "us"], ["Germany", "", 5, "ÄÖ"]),
        ("certificate", "state", ["x" * 64], ["x" * 65, "", 5]),
        ("ssh", "ssh_comment", ["", "a@b", "x" * 255], ["x" * 256, "a\nb", 5]),
        ("rsa", "key_length", [2048, 4096], [1024, "2048"]),
        ("password", "exclude_lower", [True, False], ["yes", 1]),
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
