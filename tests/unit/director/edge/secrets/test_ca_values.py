"""A CA in transition with real certificates: what is signed by either key is trusted while both are."""

from pathlib import Path

from cryptography import x509
from cryptography.x509 import verification

from director.edge.secrets.vault_dir import VaultDir
from director.model.ca_transition import SecretChange
from director.model.environments.desired import VariableSpec

CA = VariableSpec(name="/h/ca", type="certificate", options={"is_ca": True, "common_name": "ca", "key_length": 2048})
LEAF = VariableSpec(
    name="/h/leaf",
    type="certificate",
    options={"ca": CA.name, "common_name": "x", "alternative_names": ["x"], "key_length": 2048},
)


def test_each_certificate_is_trusted_by_the_cas_of_its_step_and_of_the_steps_beside_it(tmp_path: Path) -> None:
    vault = VaultDir(tmp_path / "vault", tmp_path / "key")
    vault.make_secret(CA)
    vault.make_secret(LEAF)
    leaves, cas = [_field(vault, LEAF, "certificate")], [_field(vault, LEAF, "ca")]
    steps = (
        (SecretChange.ADD_CA, SecretChange.TAKE_CA),
        (SecretChange.SWITCH_CA, SecretChange.GENERATE),
        (SecretChange.DROP_CA, SecretChange.TAKE_CA),
    )
    for version, (of_ca, of_leaf) in enumerate(steps, start=2):
        vault.make_secret(CA, version=version, change=of_ca)
        vault.make_secret(LEAF, version=version, change=of_leaf)
        leaves.append(_field(vault, LEAF, "certificate"))
        cas.append(_field(vault, LEAF, "ca"))
    trusted = [[_is_trusted(leaf, ca) for ca in cas] for leaf in leaves]
    assert trusted == [
        [True, True, True, False],
        [True, True, True, False],
        [False, True, True, True],
        [False, True, True, True],
    ]


def _is_trusted(leaf: str, ca: str) -> bool:
    store = verification.Store(x509.load_pem_x509_certificates(ca.encode()))
    verifier = verification.PolicyBuilder().store(store).build_server_verifier(x509.DNSName("x"))
    try:
        verifier.verify(x509.load_pem_x509_certificate(leaf.encode()), [])
    except verification.VerificationError:
        return False
    return True


def _field(vault: VaultDir, variable: VariableSpec, name: str) -> str:
    value = vault.get_secret(variable.name)
    assert isinstance(value, dict)
    return str(value[name])
