"""Backup and restore: an archive is one file with a consistent snapshot of an installation."""
