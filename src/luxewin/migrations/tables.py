"""All tables, collected from the `models` layers of the modules."""

import importlib
import importlib.util
import pkgutil

from sqlalchemy import MetaData

from luxewin import modules
from luxewin.kit import models as kit_models
from luxewin.kit.schema import metadata


def all_tables() -> MetaData:
    """Import every `models` layer, and return the metadata with all tables."""
    assert kit_models.outbox.metadata is metadata
    for module in pkgutil.iter_modules(modules.__path__, f"{modules.__name__}."):
        if importlib.util.find_spec(f"{module.name}.models"):
            importlib.import_module(f"{module.name}.models")
    return metadata
