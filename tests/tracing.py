"""Coverage traces the tests that add to it and leaves the others alone: tracing doubles the time of a test."""

import pkgutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

import luxewin

_SPEAKING_TO_A_PROGRAM = {"program", "lab", "watched"}
"""The fixtures of tests whose work is done in other processes."""

_MADE_TO_RUN_ONLY = ("__main__", "apart", "env")
"""The last parts of the names of modules that do something where they are imported."""


def is_traced(item: pytest.Item) -> bool:
    """Tell whether a test is traced: one that is `untraced` goes ways that others have gone before it."""
    return item.get_closest_marker("untraced") is None and not (
        _SPEAKING_TO_A_PROGRAM & set(getattr(item, "fixturenames", ()))
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Trace how the program's modules are imported, and not what it takes to find the tests."""
    if _controller(session.config) is not None:
        for module in pkgutil.walk_packages(luxewin.__path__, "luxewin."):
            if module.name.rpartition(".")[2] not in _MADE_TO_RUN_ONLY:
                import_module(module.name)
    with _untraced(session.config):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave a test alone, with all that is set up for it."""
    if is_traced(item):
        return (yield)
    with _untraced(item.config):
        return (yield)


@contextmanager
def _untraced(config: pytest.Config) -> Iterator[None]:
    controller = _controller(config)
    if controller is None:
        yield
        return
    controller.pause()
    try:
        yield
    finally:
        controller.resume()


def _controller(config: pytest.Config) -> Any:
    plugin: Any = config.pluginmanager.getplugin("_cov")
    return None if plugin is None else plugin.cov_controller
