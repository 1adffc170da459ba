"""Pages where moto gives everything at once: DescribeVolumes.

Takes a call and moto's answer, gives one page of it.
"""

import xml.etree.ElementTree as ElementTree

from tests.support.aws.answers import Answer
from tests.support.aws.calls import Call

_LISTS = {"DescribeVolumes": "volumeSet"}


def page_of(call: Call, answer: Answer) -> Answer:
    """The page that MaxResults and NextToken ask for."""
    name, most = _LISTS.get(call.action), call.get("MaxResults")
    if name is None or not most or not answer.is_success:
        return answer
    root = ElementTree.fromstring(answer.body)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    listed = root.find(f"{space}{name}")
    if listed is None:
        return answer
    first = int(call.get("NextToken") or 0)
    items = list(listed)
    for item in [*items[:first], *items[first + int(most) :]]:
        listed.remove(item)
    if first + int(most) < len(items):
        ElementTree.SubElement(root, f"{space}nextToken").text = str(first + int(most))
    if space:
        ElementTree.register_namespace("", space[1:-1])
    return Answer(status=answer.status, headers=answer.headers, body=ElementTree.tostring(root))
