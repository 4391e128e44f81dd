"""The embedded door: `Store` runs commands at once, `Pipeline` keeps them to be run together."""
from cydis.store.database import Store
from cydis.store.pipeline import Pipeline

__all__ = ["Pipeline", "Store"]
