"""Real machines behind an emulated cloud's instances.

Real: a kernel's namespaces, a network with the emulator's addresses, SSH, the user data run at the first boot, new host
keys, disks with content that outlives their VM, a public address that leads to a private one, and the cloud's security
groups, obeyed for TCP between machines and at public addresses.
Not real: the image (this machine's own programs), the SSH server (asyncssh, not OpenSSH), the disk (a directory under
the device's name: nothing is partitioned or formatted), cloud-init, the metadata service, sizes.
"""
