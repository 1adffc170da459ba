"""The five ways to build a cloud's namespaces, and what follows from each.

Takes nothing, gives values. R: started by root; U: by an ordinary user.
"""

from enum import Enum

IDS = 65536


LAST_STEP = "forwarding"
"""What a trial of a mode ends with, where all went well."""


class Mode(Enum):
    R1 = "R1"  # root, user namespace, /usr idmapped and writable
    R2 = "R2"  # root, user namespace, /usr read-only
    R3 = "R3"  # root, no user namespaces
    U1 = "U1"  # user with subordinate ids (newuidmap)
    U2 = "U2"  # user with one id

    def is_root(self) -> bool:
        """Whether root starts it."""
        return self in (Mode.R1, Mode.R2, Mode.R3)

    def has_userns(self) -> bool:
        """Whether a VM's root is another id on the host."""
        return self is not Mode.R3

    def is_shifted(self) -> bool:
        """Whether root moves the state to ids of the cloud's own."""
        return self in (Mode.R1, Mode.R2)

    def has_writable_usr(self) -> bool:
        """Whether /usr in a VM can be an overlay."""
        return self in (Mode.R1, Mode.R3)

    def has_one_id(self) -> bool:
        """Whether everything in a VM runs and is owned as one id."""
        return self is Mode.U2
