"""The platform's console: a page over TLS that shows each service and how to connect to it.

Takes a settings file, gives a web server (`python -m console serve FILE`).
"""
