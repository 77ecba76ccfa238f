"""The libraries compared, each in a process of its own: see ``base`` for what one has to do."""
