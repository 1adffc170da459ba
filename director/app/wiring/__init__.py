"""The one place that opens what lies outside: each port by a module of its own, when it is first used."""
