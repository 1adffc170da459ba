"""Pure: monit control files read and ordered, by the director while it plans and by the guest on each VM.

Shipped with the guest: Python 3.8, the standard library alone, no other compleat code
(docs/decisions/monit-read-twice.md).
"""
