"""Images that are created of instances, as AWS makes them: moto drops the tags of their snapshots, or breaks on them.

Takes calls of CreateImage, gives answers.
"""

from tests.support.aws import back
from tests.support.aws.answers import Answer, refusal, xml_answer
from tests.support.aws.calls import Call

_TEXT = (
    '<CreateImageResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
    "<imageId>{image}</imageId></CreateImageResponse>"
)


def answer(call: Call) -> Answer | None:
    """Its answer; None for another call."""
    if (call.service, call.action) != ("ec2", "CreateImage"):
        return None
    backend, name, cid = back.ec2(call.region), call.get("Name"), call.get("InstanceId")
    if any(one.name == name and one.owner_id == back.ACCOUNT for one in backend.amis.values()):
        return refusal(call, "InvalidAMIName.Duplicate", f"AMI name {name} is already in use by another AMI")
    instance = back.instance(call.region, cid)
    if instance is None or instance.state == "terminated":
        return refusal(call, "InvalidInstanceID.NotFound", f"The instance ID '{cid}' does not exist")
    image = backend.create_image(cid, name, call.get("Description"), tag_specifications=[])
    image.root_device_type, image.root_device_name = "ebs", instance.root_device_name
    for number in (1, 2):
        start = f"TagSpecification.{number}."
        kept = image if call.get(f"{start}ResourceType") == "image" else image.ebs_snapshot
        kept.add_tags(_tags(call, f"{start}Tag."))
    return xml_answer(_TEXT.format(image=image.id))


def _tags(call: Call, start: str) -> dict[str, str]:
    keys = {name: value for name, value in call.parameters.items() if name.startswith(start) and name.endswith(".Key")}
    return {key: call.get(f"{name.removesuffix('.Key')}.Value") for name, key in keys.items()}
