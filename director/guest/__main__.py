"""The zipapp's entry point. What is called often or stays (chpst, bpm, the supervisor) imports little; fetching blobs
imports more than everything else.

Takes the process's arguments, gives its exit code.
"""

import sys

if sys.argv[1:2] == ["chpst"]:
    from director.guest.system.users import main
elif sys.argv[1:2] == ["bpm"]:
    from director.guest.bpm.command_line import main
elif sys.argv[1:2] == ["sudo"]:
    from director.guest.system.stemcell_parts import main
elif sys.argv[1:2] == ["monit"]:
    from director.guest.supervise.monit_command import main
elif sys.argv[1:2] == ["supervise"]:
    from director.guest.supervise.supervise import main
elif sys.argv[1:2] == ["fetch-blobs"]:
    from director.guest.packages.fetching import main
else:
    from director.guest.command_line import main

sys.exit(main(sys.argv[1:]))
