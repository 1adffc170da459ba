"""The EndTimers port for real: systemd, cron, or a process."""
