"""`compleat interpolate --vars-store`: the same command, able to generate values.

Takes flags, gives a document on standard output and the store's file.
"""

from director.app.wiring import generation
from director.cli.commands import interpolate

command = interpolate.make_command(generation.make_value)
