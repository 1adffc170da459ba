"""The only room that opens ports: each in a module of its own, when it is first used."""
