"""bpm, as far as a VM of ours allows it: processes of jobs in a namespace of their own."""
