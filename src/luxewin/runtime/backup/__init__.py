"""Backups: one file that holds an installation at one moment, and the way back into an installation."""
