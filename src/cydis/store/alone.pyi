"""The types of cydis/store/alone.pyx; the documentation stands there."""
from typing import Any, Self

from typing_extensions import disjoint_base

from cydis.store.database import Store

@disjoint_base
class Alone:
    def __init__(self, store: Store[Any]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
