"""The guards of the drill."""
