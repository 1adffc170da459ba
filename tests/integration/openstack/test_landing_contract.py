"""The contract suite of landing zones, on the stand-ins: the real one has no Octavia, which parts of templates need."""

from tests.contract.cloud.test_landing import *  # noqa: F403
from tests.contract.cloud.test_landing_parts import *  # noqa: F403
from tests.contract.cloud.test_managed_networks import *  # noqa: F403
from tests.contract.cloud.test_storage_accounts import *  # noqa: F403
