"""The far side: the program that runs on a VM. Standard library only, Python 3.8 or later, shipped as a zipapp."""
