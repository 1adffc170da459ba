"""bpm, as far as the VM allows it: processes of jobs in namespaces of their own."""
