"""The embedded door beside what a Python program would use instead, with pytest-benchmark.

    python -m pytest benchmarks/test_store.py --benchmark-only --benchmark-group-by=group

Every benchmark makes 1,000 calls per round over keys of 16 characters that the caller holds; the figures divided by
1,000 are the cost per call, loop included. `store_table.py` measures the same interleaved, and says what was reached.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from store_contestants import CALLS, CONTESTANTS, KEYS, fill, loop_of

CALLED = KEYS[::10]


@pytest.fixture(scope="module", params=CONTESTANTS)
def contestant(request):
    with CONTESTANTS[request.param]() as made:
        if made is None:
            pytest.skip(f"{request.param} is not installed")
        fill(made)
        yield made


@pytest.mark.parametrize("call", CALLS)
def test_call(benchmark, contestant, call):
    loop = loop_of(contestant, call, CALLED)
    if loop is None:
        pytest.skip("it has nothing of the kind")
    benchmark.group = call
    benchmark(loop)
