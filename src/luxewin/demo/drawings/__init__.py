"""Flat drawings of furnishings, made of a few shapes each; all stand on one floor and share one palette."""
