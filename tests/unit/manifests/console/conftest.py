"""The console lives in a release, not in an installed package: put it where it can be imported."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "manifests/platform/release/src"))
