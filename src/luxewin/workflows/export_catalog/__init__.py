"""Exporting all products as a file."""
