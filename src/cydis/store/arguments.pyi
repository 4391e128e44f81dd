"""cydis/store/arguments.pyx is for other compiled modules: there is nothing to import from Python."""
from typing import Any

__pyx_capi__: dict[str, Any]
