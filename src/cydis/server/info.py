"""INFO: what the server knows of itself, as text for people and for monitors.

INFO [section [section ...]]
    The sections asked for, or those that matter every day; `all` and `everything` give every one, an unknown
    name nothing. O(clients + commands + databases). Since 1.0.0.

Sections and fields are those of the reference, in its order. A field that has no meaning here yet shows what
the reference shows while the feature is not in use, because exporters and client libraries expect to find it.
"""
from __future__ import annotations

import os
import platform
import resource
import secrets
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cydis.engine.door import EngineObject, Request, Verbatim, command
from cydis.server.shell import Shell, shell_of
from cydis.version import REDIS_VERSION, VERSION

RUN_ID = secrets.token_hex(20)            # of this process
Fields = Iterator[tuple[str, Any]]
Section = Callable[[Shell, Mapping[str, Any]], Fields]

SYSTEM_MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def human(size: float) -> str:
    """A number of bytes for people: 1.59M."""
    if size < 1024:
        return f"{size:.0f}B"
    for unit in "KMGTP":
        size /= 1024
        if size < 1024 or unit == "P":
            break
    return f"{size:.2f}{unit}"


def resident_memory() -> int:
    """Bytes of this process in memory: now on Linux, at most so far elsewhere."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def server(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    config = shell.config
    system = os.uname()
    now = shell.engine.now_ms()
    up = max(0, now - stats["started_ms"]) // 1000
    yield "redis_version", REDIS_VERSION
    yield "server_name", "cydis"
    yield "cydis_version", VERSION
    yield "redis_git_sha1", "00000000"
    yield "redis_git_dirty", 0
    yield "redis_build_id", "0"
    yield "redis_mode", "standalone"
    yield "os", f"{system.sysname} {system.release} {system.machine}"
    yield "arch_bits", 8 * struct.calcsize("P")
    yield "python_version", platform.python_version()
    yield "monotonic_clock", "POSIX clock_gettime"
    yield "multiplexing_api", shell.multiplexing_api
    yield "gcc_version", "0.0.0"
    yield "process_id", os.getpid()
    yield "process_supervised", config.text("supervised")
    yield "run_id", RUN_ID
    yield "tcp_port", config["port"]
    yield "server_time_usec", now * 1000
    yield "uptime_in_seconds", up
    yield "uptime_in_days", up // 86400
    yield "hz", config["hz"]
    yield "configured_hz", config["hz"]
    yield "lru_clock", stats["lru_now"]
    yield "executable", os.path.abspath(sys.argv[0]) if sys.argv[0] else sys.executable
    yield "config_file", config.file
    yield "io_threads_active", 0
    yield from listeners(shell)


def listeners(shell: Shell) -> Fields:
    config = shell.config
    number = 0
    if config["port"]:
        binds = "".join(f",bind={address}" for address in config.text("bind").split())
        yield "listener0", f"name=tcp{binds},port={config['port']}"
        number = 1
    if config["unixsocket"]:
        yield f"listener{number}", f"name=unix,bind={config['unixsocket']}"


def clients(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    yield "connected_clients", stats["clients"]
    yield "cluster_connections", 0
    yield "maxclients", shell.config["maxclients"]
    yield from idle(
        "client_recent_max_input_buffer client_recent_max_output_buffer blocked_clients tracking_clients "
        "pubsub_clients watching_clients clients_in_timeout_table total_watched_keys total_blocking_keys "
        "total_blocking_keys_on_nokey")


def idle(names: str) -> Fields:
    """Fields of features that are not in use."""
    for name in names.split():
        yield name, 0


def both(name: str, size: int) -> Fields:
    """A number of bytes, and the same for people."""
    yield name, size
    yield f"{name}_human", human(size)


def memory(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    used, reserved, resident = stats["memory"], stats["heap_reserved"], stats["resident"]
    overhead = stats["client_memory"] + stats["table_memory"]
    data = max(0, used - overhead)
    yield from both("used_memory", used)
    yield from both("used_memory_rss", resident)
    yield from both("used_memory_peak", stats["peak"])
    yield "used_memory_peak_perc", f"{100 * used / max(1, stats['peak']):.2f}%"
    yield "used_memory_overhead", overhead
    yield "used_memory_startup", 0
    yield "used_memory_dataset", data
    yield "used_memory_dataset_perc", f"{100 * data / max(1, used):.2f}%"
    yield "allocator_allocated", stats["heap_used"]
    yield "allocator_active", reserved
    yield "allocator_resident", reserved
    yield "allocator_muzzy", 0
    yield from both("total_system_memory", SYSTEM_MEMORY)
    yield from script_memory()
    yield from both("maxmemory", shell.config["maxmemory"])
    yield "maxmemory_policy", shell.config["maxmemory-policy"]
    yield "allocator_frag_ratio", f"{reserved / max(1, stats['heap_used']):.2f}"
    yield "allocator_frag_bytes", reserved - stats["heap_used"]
    yield "allocator_rss_ratio", "1.00"
    yield "allocator_rss_bytes", 0
    yield "rss_overhead_ratio", f"{resident / max(1, reserved):.2f}"
    yield "rss_overhead_bytes", resident - reserved
    yield "mem_fragmentation_ratio", f"{resident / max(1, used):.2f}"
    yield "mem_fragmentation_bytes", resident - used
    yield from idle("mem_not_counted_for_evict mem_replication_backlog mem_total_replication_buffers "
                    "mem_clients_slaves")
    yield "mem_clients_normal", stats["client_memory"]
    yield from idle("mem_cluster_links mem_aof_buffer")
    yield "mem_allocator", "cydis"
    yield from idle("mem_overhead_db_hashtable_rehashing active_defrag_running")
    yield "lazyfree_pending_objects", stats["lazy_pending"]
    yield "lazyfreed_objects", stats["lazy_freed"]


def script_memory() -> Fields:
    yield from idle("used_memory_lua used_memory_vm_eval")
    yield "used_memory_lua_human", "0B"
    yield from idle("used_memory_scripts_eval number_of_cached_scripts number_of_functions "
                    "number_of_libraries used_memory_vm_functions used_memory_vm_total")
    yield "used_memory_vm_total_human", "0B"
    yield "used_memory_functions", 0
    yield from both("used_memory_scripts", 0)


def persistence(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    yield from idle("loading async_loading current_cow_peak current_cow_size current_cow_size_age")
    yield "current_fork_perc", "0.00"
    yield from idle("current_save_keys_processed current_save_keys_total")
    yield "rdb_changes_since_last_save", stats["changes"]
    yield "rdb_bgsave_in_progress", 0
    yield "rdb_last_save_time", stats["started_ms"] // 1000
    yield "rdb_last_bgsave_status", "ok"
    yield "rdb_last_bgsave_time_sec", -1
    yield "rdb_current_bgsave_time_sec", -1
    yield from idle("rdb_saves rdb_last_cow_size rdb_last_load_keys_expired rdb_last_load_keys_loaded "
                    "aof_enabled aof_rewrite_in_progress aof_rewrite_scheduled")
    yield "aof_last_rewrite_time_sec", -1
    yield "aof_current_rewrite_time_sec", -1
    yield "aof_last_bgrewrite_status", "ok"
    yield from idle("aof_rewrites aof_rewrites_consecutive_failures")
    yield "aof_last_write_status", "ok"
    yield from idle("aof_last_cow_size module_fork_in_progress module_fork_last_cow_size")


def statistics(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    commands, received, sent = shell.engine.rates()
    yield "total_connections_received", stats["connections"]
    yield "total_commands_processed", stats["commands"]
    yield "instantaneous_ops_per_sec", round(commands)
    yield "total_net_input_bytes", stats["net_in"]
    yield "total_net_output_bytes", stats["net_out"]
    yield from idle("total_net_repl_input_bytes total_net_repl_output_bytes")
    yield "instantaneous_input_kbps", f"{received / 1024:.2f}"
    yield "instantaneous_output_kbps", f"{sent / 1024:.2f}"
    yield "instantaneous_input_repl_kbps", "0.00"
    yield "instantaneous_output_repl_kbps", "0.00"
    yield "rejected_connections", stats["rejected_connections"]
    yield from idle("sync_full sync_partial_ok sync_partial_err")
    yield "expired_keys", stats["expired"]
    yield "expired_fields", stats["expired_fields"]
    yield "expired_stale_perc", f"{stats['expired_stale_percent']:.2f}"
    yield "expired_keys_with_volatile_items_stale_perc", "0.00"
    yield "expired_time_cap_reached_count", stats["expired_time_caps"]
    yield "expire_cycle_cpu_milliseconds", int(stats["expire_us"] / 1000)
    yield from idle("evicted_keys evicted_clients evicted_scripts total_eviction_exceeded_time "
                    "current_eviction_exceeded_time")
    yield "keyspace_hits", stats["hits"]
    yield "keyspace_misses", stats["misses"]
    yield from idle(
        "pubsub_channels pubsub_patterns pubsubshard_channels latest_fork_usec total_forks "
        "migrate_cached_sockets slave_expires_tracked_keys active_defrag_hits active_defrag_misses "
        "active_defrag_key_hits active_defrag_key_misses total_active_defrag_time current_active_defrag_time "
        "tracking_total_keys tracking_total_items tracking_total_prefixes unexpected_error_replies")
    yield "total_error_replies", stats["errors"]
    yield "dump_payload_sanitizations", 0
    yield "total_reads_processed", stats["reads"]
    yield "total_writes_processed", stats["writes"]
    yield from idle("io_threaded_reads_processed io_threaded_writes_processed")
    yield "client_query_buffer_limit_disconnections", stats["input_limit_closes"]
    yield "client_output_buffer_limit_disconnections", stats["output_limit_closes"]
    yield from idle("reply_buffer_shrinks reply_buffer_expands")
    yield "eventloop_cycles", stats["loop_cycles"]
    yield "eventloop_duration_sum", int(stats["loop_us"])
    yield "eventloop_duration_cmd_sum", int(stats["loop_command_us"])
    yield from idle("instantaneous_eventloop_cycles_per_sec instantaneous_eventloop_duration_usec")
    yield "acl_access_denied_auth", stats["auth_denied"]
    yield from idle("acl_access_denied_cmd acl_access_denied_key acl_access_denied_channel")


def replication(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    yield "role", "master"
    yield "connected_slaves", 0
    yield "master_failover_state", "no-failover"
    yield "master_replid", shell.replication_id
    yield "master_replid2", "0" * 40
    yield "master_repl_offset", 0
    yield "second_repl_offset", -1
    yield "repl_backlog_active", 0
    yield "repl_backlog_size", shell.config["repl-backlog-size"]
    yield from idle("repl_backlog_first_byte_offset repl_backlog_histlen")


def processor(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield "used_cpu_sys", f"{own.ru_stime:.6f}"
    yield "used_cpu_user", f"{own.ru_utime:.6f}"
    yield "used_cpu_sys_children", f"{children.ru_stime:.6f}"
    yield "used_cpu_user_children", f"{children.ru_utime:.6f}"
    if hasattr(resource, "RUSAGE_THREAD"):                # a client's INFO runs on the network's thread
        thread = resource.getrusage(resource.RUSAGE_THREAD)
        yield "used_cpu_sys_main_thread", f"{thread.ru_stime:.6f}"
        yield "used_cpu_user_main_thread", f"{thread.ru_utime:.6f}"


def modules(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    yield from ()


def command_statistics(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    for name, (calls, used, rejected, failed) in shell.engine.command_stats().items():
        each = used / calls if calls else 0.0
        yield f"cmdstat_{name}", (f"calls={calls},usec={int(used)},usec_per_call={each:.2f},"
                                  f"rejected_calls={rejected},failed_calls={failed}")


def error_statistics(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    for kind, count in sorted(shell.engine.error_stats().items()):
        yield f"errorstat_{kind}", f"count={count}"


def cluster(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    yield "cluster_enabled", 0


def keyspace(shell: Shell, stats: Mapping[str, Any]) -> Fields:
    for number, keys, expiring, mean_ttl, _, timed in stats["databases_in_use"]:
        yield f"db{number}", f"keys={keys},expires={expiring},avg_ttl={mean_ttl},keys_with_volatile_items={timed}"


SECTIONS: dict[str, Section] = {
    "Server": server, "Clients": clients, "Memory": memory, "Persistence": persistence, "Stats": statistics,
    "Replication": replication, "CPU": processor, "Modules": modules, "Commandstats": command_statistics,
    "Errorstats": error_statistics, "Cluster": cluster, "Keyspace": keyspace,
}
BY_DEFAULT = frozenset(SECTIONS) - {"Commandstats"}
EVERY = frozenset(("all", "everything"))


def gather(engine: EngineObject) -> dict[str, Any]:
    """All numbers at one moment. The engine's lock must be held."""
    stats: dict[str, Any] = engine.stats()
    shell = shell_of(engine)
    stats["databases_in_use"] = engine.databases()
    stats["table_memory"] = sum(row[4] for row in stats["databases_in_use"])
    stats["memory"] = stats["heap_used"] + stats["client_memory"]
    stats["resident"] = resident_memory()
    stats["peak"] = shell.peak = max(shell.peak, stats["memory"])
    return stats


def text(engine: EngineObject, *asked: str) -> str:
    """INFO's text for the sections asked for (lower case; none: the default ones)."""
    wanted = {name.lower() for name in SECTIONS} if EVERY.intersection(asked) else set(asked)
    if not asked or "default" in asked:
        wanted |= {name.lower() for name in BY_DEFAULT}
    shell = shell_of(engine)
    stats = gather(engine)
    parts = []
    for title, section in SECTIONS.items():
        if title.lower() in wanted:
            lines = "".join(f"{name}:{value}\r\n" for name, value in section(shell, stats))
            parts.append(f"# {title}\r\n{lines}")
    return "\r\n".join(parts)


@command("INFO", -1, "loading stale dangerous")
def info(request: Request, *sections: bytes) -> Verbatim:
    asked = [section.decode("utf-8", "replace").lower() for section in sections]
    return Verbatim(text(request.engine, *asked).encode("utf-8", "surrogateescape"))
