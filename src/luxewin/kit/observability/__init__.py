"""Observability: logs, metrics, traces and error reports."""
