"""The requirements of payments on an installation, besides the settings of its gateways."""

SIMULATOR_ROLE = "luxewin_simulator"
"""The group role of the simulated gateway, which reads and writes the tables of the simulator only."""
