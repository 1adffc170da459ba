"""`compleat interpolate --vars-store`: the same command, able to generate values.

Takes flags, gives a document on standard output and the store's file.
"""

from director.app import wire_mint
from director.cli import interpolate

command = interpolate.make_command(wire_mint.make_value)
