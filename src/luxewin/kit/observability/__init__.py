"""What the running program tells of itself: logs, metrics, health."""
