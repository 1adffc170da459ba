"""What changes of a thing of the landing zone that is there.

Takes it as it is to be and as it was found, gives the reason of the change.
"""

from cpi.contract.values import FoundLandingResource, LandingResource


def reason_of(wanted: LandingResource, found: FoundLandingResource) -> str:
    """Old and new entries, those that stay left out; "" where nothing changes."""
    if wanted.entries is None or set(wanted.entries) == set(found.entries):
        return ""
    gone = [f"'{one}'" for one in found.entries if one not in wanted.entries]
    new = [f"'{one}'" for one in wanted.entries if one not in found.entries]
    return f"{', '.join(gone) or 'nothing'} -> {', '.join(new) or 'nothing'}"
