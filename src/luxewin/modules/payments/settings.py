"""What payments requires of an installation beside its gateways' settings."""

SIMULATOR_ROLE = "luxewin_simulator"
"""The group role of the simulated gateway, which reads and writes the tables of the simulator only."""
