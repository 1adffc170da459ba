"""Where documents have what a cloud refuses."""

import yaml

from cpi.contract.values import Finding
from director.model.document_places import DocumentPlaces, joined
from director.model.documents import Source
from director.resolve.document_places import resolve_places
from director.resolve.front import resolve_desired
from director.text.front import Reading, read_cloud_config
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import request_of

_CONFIG = """\
azs:
- {name: z1, cloud_properties: {zone: a}}
networks:
- name: default
  subnets:
  - {range: 10.0.0.0/24, gateway: 10.0.0.1, az: z1, cloud_properties: {network: inner, groups: [web, db]}}
- {name: public, type: vip}
vm_types:
- name: small
  cloud_properties:
    root_disk: {size: 5}
vm_extensions: [{name: balanced, cloud_properties: {elbs: [one]}}]
disk_types:
- name: disk
  disk_size: 1
  cloud_properties: {type: fast, zone: b}
compilation: {workers: 1, network: default, az: z1, cloud_properties: {instance_type: t}}
"""


def test_properties_their_values_and_networks_have_the_place_of_the_first() -> None:
    config = read_cloud_config(Reading(source=Source(name="c.yml", content=_CONFIG.encode())))
    places = resolve_places(config)
    of_properties = {
        path: places.place_of(_finding(property_path=path))
        for path in ("zone", "groups", "root_disk.size", "elbs", "type", "instance_type", "none")
    }
    assert of_properties == {
        "zone": "c.yml:2:33",
        "groups": "c.yml:6:88",
        "root_disk.size": "c.yml:11:17",
        "elbs": "c.yml:12:53",
        "type": "c.yml:16:22",
        "instance_type": "c.yml:17:72",
        "none": "",
    }
    of_names = {
        name: places.place_of(_finding(written_names=(name,))) for name in ("inner", "db", "public", "b", "t", "")
    }
    assert of_names == {
        "inner": "c.yml:6:72",
        "db": "c.yml:6:102",
        "public": "c.yml:7:3",
        "b": "c.yml:16:34",
        "t": "c.yml:17:72",
        "": "",
    }


def test_a_network_counts_where_no_property_has_its_name() -> None:
    text = _CONFIG.replace("type: fast", "type: public")
    config = read_cloud_config(Reading(source=Source(name="c.yml", content=text.encode())))
    assert resolve_places(config).place_of(_finding(written_names=("9.9.9.9", "public"))) == "c.yml:16:22"


def test_a_static_address_has_the_place_of_the_network_that_lists_it() -> None:
    folder = CASES / "base"
    manifest, config = (yaml.safe_load((folder / name).read_text()) for name in ("manifest.yml", "cloud-config.yml"))
    places = resolve_desired(request_of(manifest, config)).places
    assert places.place_of(_finding(written_names=("10.0.0.20",))).startswith("manifest.yml:")
    assert places.place_of(_finding(written_names=("10.0.0.21", "default"))).startswith("cloud-config.yml:")


def test_a_vm_has_the_place_of_its_group_and_one_that_compiles_that_of_the_compilation() -> None:
    folder = CASES / "base"
    manifest, config = (yaml.safe_load((folder / name).read_text()) for name in ("manifest.yml", "cloud-config.yml"))
    desired = resolve_desired(request_of(manifest, config))
    (first, *_) = desired.groups
    begin = first.name.lower().replace("_", "-")
    of_vms = [desired.places.place_of(_finding(written_names=(f"{name}-0-1a2b3c4d",))) for name in (begin, "none")]
    assert of_vms == [first.where, ""]
    compiling = desired.places.place_of(_finding(written_names=(f"{desired.deployment}-compile-0",)))
    assert compiling.startswith("cloud-config.yml:")


def test_what_a_finding_has_in_quotes_counts_after_the_names_that_it_is_about() -> None:
    places = DocumentPlaces(names={"one": "a.yml:1:1", "two": "a.yml:2:1"}, vms={"web-": "m.yml:3:1"})
    of_texts = [places.place_of(_finding(what=text)) for text in ("Size 'two' of 'one'.", "VM 'web-0' is full.", "x")]
    assert of_texts == ["a.yml:2:1", "m.yml:3:1", ""]
    assert places.place_of(_finding(what="'two'", written_names=("one",))) == "a.yml:1:1"


def test_of_joined_places_the_first_document_counts() -> None:
    one, other = DocumentPlaces(names={"a": "one"}), DocumentPlaces(names={"a": "two", "b": "two"})
    assert joined((one, other)) == DocumentPlaces(names={"a": "one", "b": "two"})


def _finding(*, property_path: str = "", written_names: tuple[str, ...] = (), what: str = "w") -> Finding:
    return Finding(code="c", what=what, why="y", fix="f", property_path=property_path, written_names=written_names)
