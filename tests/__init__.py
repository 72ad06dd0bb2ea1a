"""The tests of LuxeWin."""
