"""Where the zipapp starts. Job scripts call chpst often, so for it alone nothing else is imported.

Takes the process's arguments, gives its exit code.
"""

import sys

if sys.argv[1:2] == ["chpst"]:
    from director.guest.users import main
else:
    from director.guest.command_line import main

sys.exit(main(sys.argv[1:]))
