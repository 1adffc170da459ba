"""What people write for a cloud."""

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from cpi.kit import properties
from cpi.kit.written_values import DnsName


class Size(properties.PropertiesModel):
    cpu: int = 1
    ram_mib: int


def test_a_word_that_is_not_known_is_told_with_the_nearest() -> None:
    with pytest.raises(CloudError) as raised:
        properties.read_properties(Size, {"cpus": 2, "ram_mib": 1}, where="VM 'web-0'", cloud="AWS")
    error = raised.value
    assert (error.code, error.what, error.fix) == (
        "unknown-cloud-property",
        "AWS has no cloud property 'cpus' (VM 'web-0').",
        "Write 'cpu'.",
    )


def test_settings_tell_all_that_is_wrong_and_repeat_no_value() -> None:
    with pytest.raises(CloudError) as raised:
        properties.read_settings(Size, {"cpu": "hunter2", "rammib": 4}, cloud="AWS")
    error = raised.value
    assert (error.code, error.what) == ("cloud-config-invalid", "AWS's settings are not valid.")
    assert "'ram_mib' is missing." in error.why and "The setting 'rammib' does not exist." in error.why
    assert error.fix == "Write 'ram_mib'." and "hunter2" not in f"{error.why}{error.fix}"


def test_of_unknown_words_those_of_other_clouds_are_passed_over_and_null_is_absent() -> None:
    written: dict[str, JsonValue] = {"ram_mib": "4", "cpu": None, "datastores": ["one"], "cpus": 1}
    assert properties.ignored_properties(Size, written) == ("datastores",)
    del written["cpus"]
    assert properties.read_properties(Size, written, where="VM 'web-0'", cloud="AWS") == Size(ram_mib=4)


class Named(properties.PropertiesModel):
    names: tuple[DnsName, ...] = ()


def test_a_text_of_another_form_is_told_in_words() -> None:
    with pytest.raises(CloudError) as raised:
        properties.read_settings(Named, {"names": ["a.example.org", "A_b"]}, cloud="AWS")
    words = "'names.1' is not valid: it must be a full DNS name in lower case, such as jumpbox.example.org."
    assert raised.value.why == words
