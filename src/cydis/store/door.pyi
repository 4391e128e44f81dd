"""The types of cydis/store/door.pyx; the documentation stands there."""
from types import GenericAlias
from typing import Any, Generic, TypeVar

from typing_extensions import disjoint_base

from cydis.store.kinds import Argument, T

__pyx_capi__: dict[str, Any]

_Class = TypeVar("_Class", bound=type[Any])

def own_methods(cls: _Class) -> _Class: ...

@disjoint_base
class Door(Generic[T]):
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    def execute(self, name: str | bytes, *arguments: Argument) -> Any: ...
