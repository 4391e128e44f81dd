"""A cache in front of a SQL database, through both doors of cydis.

    python examples/product_cache.py [--products 200000] [--requests 5000]

A shop's product page shows a product with its reviews, and the best-rated five of its category: joins and
aggregates over a thousand products. The script fills a SQLite file with products,
categories and reviews, then answers the same stream of page requests (a few products are asked for far more often
than the rest) in three ways:

    no cache    every request asks the database
    redis-py    cache-aside through redis-py to a cydis-server of its own (skipped when redis-py is not installed)
    embedded    cache-aside through cydis.Store in this process

and prints latency, hit rate and how many queries reached the database.
"""
from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cydis

PRODUCT = """
    SELECT p.id, p.name, p.price, c.id, c.name, COUNT(r.stars), AVG(r.stars)
      FROM product p
      JOIN category c ON c.id = p.category_id
      LEFT JOIN review r ON r.product_id = p.id
     WHERE p.id = ?
     GROUP BY p.id
"""
BEST_OF_CATEGORY = """
    SELECT p.name, p.price, AVG(r.stars) AS stars
      FROM product p JOIN review r ON r.product_id = p.id
     WHERE p.category_id = ?
     GROUP BY p.id
     ORDER BY stars DESC, COUNT(*) DESC, p.id
     LIMIT 5
"""
TTL_SECONDS = 60


def build(path: Path, products: int) -> None:
    """Writes the shop's database: `products` rows, 200 categories, two reviews a product on average."""
    chance = random.Random(1)
    with sqlite3.connect(path) as db:
        db.executescript("""
            CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL, category_id INTEGER);
            CREATE TABLE review (product_id INTEGER, stars INTEGER);
        """)
        db.executemany("INSERT INTO category VALUES (?, ?)", ((i, f"category {i}") for i in range(200)))
        db.executemany("INSERT INTO product VALUES (?, ?, ?, ?)", (
            (i, f"product {i}", round(chance.uniform(1, 500), 2), chance.randrange(200)) for i in range(products)))
        db.executemany("INSERT INTO review VALUES (?, ?)", (
            (chance.randrange(products), chance.randint(1, 5)) for _ in range(2 * products)))
        db.execute("CREATE INDEX review_product ON review (product_id)")
        db.execute("CREATE INDEX product_category ON product (category_id)")


class Shop:
    """The database, and how often it was asked."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path)
        self.queries = 0

    def product(self, number: int) -> bytes:
        """One product's page as JSON."""
        self.queries += 1
        row = self.db.execute(PRODUCT, (number,)).fetchone()
        names = ("id", "name", "price", "category_id", "category", "reviews", "stars")
        page = dict(zip(names, row, strict=True))
        page["best_of_category"] = self.db.execute(BEST_OF_CATEGORY, (page["category_id"],)).fetchall()
        return json.dumps(page).encode()


def through(cache, shop: Shop) -> Callable[[int], bytes]:
    """Cache-aside: look in the cache, else ask the database and keep the answer for a minute.

    `cache` has get(key) and set(key, value, ex=seconds): redis-py's client and cydis.Store both do.
    """
    def page(number: int) -> bytes:
        key = f"product:{number}"
        found = cache.get(key)
        if found is None:
            found = shop.product(number)
            cache.set(key, found, ex=TTL_SECONDS)
        return found
    return page


def measure(name: str, page: Callable[[int], bytes], shop: Shop, requests: list[int]) -> float:
    """Runs the requests, prints a line, returns the mean latency in microseconds."""
    shop.queries = 0
    times = []
    for number in requests:
        began = time.perf_counter_ns()
        page(number)
        times.append(time.perf_counter_ns() - began)
    cuts = statistics.quantiles(times, n=100)
    mean = statistics.fmean(times) / 1000
    hits = 1 - shop.queries / len(requests)
    print(f"{name:<22}{mean:>10.1f}{cuts[49] / 1000:>10.1f}{cuts[98] / 1000:>10.1f}"
          f"{hits:>10.1%}{shop.queries:>12,}")
    return mean


def with_server(shop: Shop, requests: list[int]) -> float | None:
    """The same through redis-py and a server process on a free port; None without redis-py."""
    try:
        import redis
    except ImportError:
        print("redis-py is not installed: pip install redis")
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "cydis.sock")
        server = subprocess.Popen([sys.executable, "-m", "cydis", "--port", "0", "--unixsocket", path],
                                  stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(unix_socket_path=path)
            deadline = time.monotonic() + 10
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    if time.monotonic() > deadline:
                        raise
            return measure("redis-py, unix socket", through(client, shop), shop, requests)
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--products", type=int, default=200_000)
    options.add_argument("--requests", type=int, default=5_000)
    given = options.parse_args()
    chance = random.Random(2)
    requests = [min(int(chance.paretovariate(0.4)), given.products) - 1 for _ in range(given.requests)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        build(path, given.products)
        shop = Shop(path)
        print(f"{given.products:,} products, {given.requests:,} requests for {len(set(requests)):,} of them\n")
        print(f"{'':<22}{'mean µs':>10}{'p50 µs':>10}{'p99 µs':>10}{'hits':>10}{'queries':>12}")
        plain = measure("no cache", shop.product, shop, requests)
        served = with_server(shop, requests)
        embedded = measure("embedded Store", through(cydis.Store(), shop), shop, requests)
    print(f"\nembedded: {plain / embedded:.1f} times faster than the database alone", end="")
    print(f"; through the server: {plain / served:.1f} times" if served else "")


if __name__ == "__main__":
    main()
