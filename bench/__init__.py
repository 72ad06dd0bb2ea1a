"""Benchmarks of LuxeWin, compared with a minimal baseline server in alternating runs."""
