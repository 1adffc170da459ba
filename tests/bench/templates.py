"""How long templates take to be read, checked and expanded, by the number of their resources.

Takes nothing, gives figures: processor seconds, which do not depend on what else the machine does.
"""

import json
import time
from collections.abc import Iterator

from director.model.documents import Source
from director.text.arm import reading
from director.text.arm.template import expansion
from tests.bench.figures import Figure

_TARGETS_S = {500: 0.5, 1000: None, 5000: 4.0}


def figures() -> Iterator[Figure]:
    """Each size: loops of 99 networks with five subnets each, and a security group for each loop."""
    for count, target_s in _TARGETS_S.items():
        source = Source(name="template.json", content=_template(count).encode())
        began_s = time.process_time()
        found = expansion.expand(expansion.ExpandRequest(document=reading.read_source(source)))
        took_s = time.process_time() - began_s
        assert (len(list(expansion.each_resource(found.root))), found.problems) == (count, ())
        yield Figure(
            name=f"templates: {count} resources with nested loops validated", value=took_s, unit="s", target=target_s
        )


def _template(count: int) -> str:
    resources = [resource for loop in range(count // 100) for resource in (_networks(loop), _group(loop))]
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"prefix": {"type": "string", "defaultValue": "demo"}},
            "variables": {"range": "10.0.0.0/16", "tags": {"owner": "[parameters('prefix')]"}},
            "resources": resources,
        },
        indent=2,
    )


def _networks(loop: int) -> dict[str, object]:
    group = f"[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg{loop}')]"
    subnet = {
        "name": "[format('subnet-{0}', copyIndex('subnets'))]",
        "properties": {
            "addressPrefix": "[cidrSubnet(variables('range'), 24, copyIndex('subnets'))]",
            "networkSecurityGroup": {"id": group},
        },
    }
    return {
        "type": "Microsoft.Network/virtualNetworks",
        "apiVersion": "2023-09-01",
        "name": f"[format('{{0}}-{loop}-{{1}}', parameters('prefix'), copyIndex())]",
        "location": "[resourceGroup().location]",
        "copy": {"name": f"loop{loop}", "count": 99},
        "tags": "[variables('tags')]",
        "dependsOn": [f"nsg{loop}"],
        "properties": {
            "addressSpace": {"addressPrefixes": ["[variables('range')]"]},
            "copy": [{"name": "subnets", "count": 5, "input": subnet}],
        },
    }


def _group(loop: int) -> dict[str, object]:
    return {
        "type": "Microsoft.Network/networkSecurityGroups",
        "apiVersion": "2023-09-01",
        "name": f"nsg{loop}",
        "location": "[resourceGroup().location]",
        "properties": {"securityRules": []},
    }
