"""Every directive of Valkey 9.1 and Redis 8.0, as plain data.

A row is a name, the kind of its value, the default, when it may change, and aliases.

Where the two servers differ, the kind and the default are Valkey's; directives that only Redis has are kept.
What a directive does here is said once, at the end: ENGINE and SERVER name those that something in this
program obeys. All others are accepted, checked, shown by CONFIG GET, and do nothing.
"""
from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from cydis.server.kinds import (
    BIND,
    BOOL,
    BUFFER_LIMITS,
    DIRECTORY,
    EVENTS,
    HOST_NAME,
    INT,
    LONG,
    MEMORY_OR_PERCENT,
    OCTAL,
    OOM_SCORES,
    PERCENTILES,
    REPLICAOF,
    SAVE,
    SHUTDOWN,
    STRING,
    TITLE,
    UINT,
    ULONG,
    Kind,
    address,
    clamped,
    enum,
    file_name,
    integer,
    memory,
    not_empty,
    plain,
)

MUTABLE, FIXED, PROTECTED = "mutable", "immutable", "protected"


@dataclass(frozen=True)
class Directive:
    """One row: `when` is MUTABLE, FIXED (only at start) or PROTECTED (see enable-protected-configs).

    A hidden directive is shown only when asked for by its full name.
    """

    name: str
    kind: Kind
    default: str
    when: str
    aliases: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def effect(self) -> str:
        """Who obeys it: "engine", "server", or nobody yet ("kept")."""
        return "engine" if self.name in ENGINE else "server" if self.name in SERVER else "kept"


D = Directive
DIRECTIVES = (
    # Network and clients
    D("bind", BIND, "* -::*", MUTABLE),
    D("bind-source-addr", STRING, "", MUTABLE),
    D("client-output-buffer-limit",
      BUFFER_LIMITS, "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", MUTABLE),
    D("client-query-buffer-limit", memory(1048576, LONG), "1073741824", MUTABLE),
    D("io-threads", integer(1, 256), "1", MUTABLE),
    D("max-new-connections-per-cycle", integer(1, 1000), "10", MUTABLE),
    D("max-new-tls-connections-per-cycle", integer(1, 1000), "1", MUTABLE),
    D("maxclients", integer(1, UINT), "10000", MUTABLE),
    D("maxmemory-clients", MEMORY_OR_PERCENT, "0", MUTABLE),
    D("mptcp", BOOL, "no", FIXED),
    D("port", integer(0, 65535), "6379", MUTABLE),
    D("prefetch-batch-max-size", integer(0, 128), "16", MUTABLE),
    D("protected-mode", BOOL, "yes", MUTABLE),
    D("proto-max-bulk-len", memory(1048576, LONG), "536870912", MUTABLE),
    D("rdma-bind", STRING, "", MUTABLE),
    D("rdma-completion-vector", integer(-1, 1024), "-1", FIXED),
    D("rdma-port", integer(0, 65535), "0", MUTABLE),
    D("rdma-rx-size", integer(65536, 16777216), "1048576", FIXED),
    D("socket-mark-id", integer(0, UINT), "0", FIXED),
    D("tcp-backlog", integer(0, INT), "511", FIXED),
    D("tcp-keepalive", integer(0, INT), "300", MUTABLE),
    D("timeout", integer(0, INT), "0", MUTABLE),
    D("tls-auth-clients", enum("no yes optional"), "yes", MUTABLE),
    D("tls-auth-clients-user", enum("CN URI off"), "off", MUTABLE),
    D("tls-auto-reload-interval", integer(0, INT), "0", MUTABLE),
    D("tls-ca-cert-dir", STRING, "", MUTABLE),
    D("tls-ca-cert-file", STRING, "", MUTABLE),
    D("tls-cert-file", STRING, "", MUTABLE),
    D("tls-ciphers", STRING, "", MUTABLE),
    D("tls-ciphersuites", STRING, "", MUTABLE),
    D("tls-client-cert-file", STRING, "", MUTABLE),
    D("tls-client-key-file", STRING, "", MUTABLE),
    D("tls-client-key-file-pass", STRING, "", MUTABLE),
    D("tls-cluster", BOOL, "no", MUTABLE),
    D("tls-dh-params-file", STRING, "", MUTABLE),
    D("tls-key-file", STRING, "", MUTABLE),
    D("tls-key-file-pass", STRING, "", MUTABLE),
    D("tls-port", integer(0, 65535), "0", MUTABLE),
    D("tls-prefer-server-ciphers", BOOL, "no", MUTABLE),
    D("tls-protocols", STRING, "", MUTABLE),
    D("tls-replication", BOOL, "no", MUTABLE),
    D("tls-session-cache-size", integer(0, INT), "20480", MUTABLE),
    D("tls-session-cache-timeout", integer(0, INT), "300", MUTABLE),
    D("tls-session-caching", BOOL, "yes", MUTABLE),
    D("tracking-table-max-keys", integer(0, LONG), "1000000", MUTABLE),
    D("unixsocket", STRING, "", FIXED),
    D("unixsocketgroup", STRING, "", FIXED),
    D("unixsocketperm", OCTAL, "0", FIXED),

    # Process, files and the log
    D("always-show-logo", BOOL, "no", FIXED),
    D("aof-rewrite-cpulist", STRING, "", FIXED, ("aof_rewrite_cpulist",)),
    D("availability-zone", STRING, "", MUTABLE),
    D("bgsave-cpulist", STRING, "", FIXED, ("bgsave_cpulist",)),
    D("bio-cpulist", STRING, "", FIXED, ("bio_cpulist",)),
    D("crash-log-enabled", BOOL, "yes", MUTABLE),
    D("crash-memcheck-enabled", BOOL, "yes", MUTABLE),
    D("daemonize", BOOL, "no", FIXED),
    D("databases", integer(1, INT), "16", FIXED),
    D("dir", DIRECTORY, ".", PROTECTED),
    D("disable-thp", BOOL, "yes", FIXED),
    D("dynamic-hz", BOOL, "yes", MUTABLE),
    D("extended-redis-compatibility", BOOL, "no", MUTABLE),
    D("hash-seed", STRING, "", FIXED),
    D("hide-user-data-from-log", BOOL, "yes", MUTABLE),
    D("hz", clamped(0, INT, 1, 500), "10", MUTABLE),
    D("ignore-warnings", STRING, "", MUTABLE),
    D("import-mode", BOOL, "no", MUTABLE),
    D("jemalloc-bg-thread", BOOL, "yes", MUTABLE),
    D("locale-collate", STRING, "", MUTABLE),
    D("log-format", enum("legacy logfmt json"), "legacy", MUTABLE),
    D("log-timestamp-format", enum("legacy iso8601 milliseconds"), "legacy", MUTABLE),
    D("logfile", STRING, "", FIXED),
    D("loglevel", enum("debug verbose notice warning nothing"), "notice", MUTABLE),
    D("oom-score-adj", enum("no yes relative absolute", relative="yes"), "no", MUTABLE),
    D("oom-score-adj-values", OOM_SCORES, "0 200 800", MUTABLE),
    D("pidfile", STRING, "", FIXED),
    D("proc-title-template", TITLE, "{title} {listen-addr} {server-mode}", MUTABLE),
    D("server-cpulist", STRING, "", FIXED, ("server_cpulist",)),
    D("set-proc-title", BOOL, "yes", FIXED),
    D("shutdown-on-sigint", SHUTDOWN, "default", MUTABLE),
    D("shutdown-on-sigterm", SHUTDOWN, "default", MUTABLE),
    D("shutdown-timeout", integer(0, INT), "10", MUTABLE),
    D("supervised", enum("upstart systemd auto no"), "no", FIXED),
    D("syslog-enabled", BOOL, "no", FIXED),
    D("syslog-facility",
      enum("user local0 local1 local2 local3 local4 local5 local6 local7"), "local0", FIXED),
    D("syslog-ident", STRING, "cydis", FIXED),

    # Persistence
    D("aof-load-truncated", BOOL, "yes", MUTABLE),
    D("aof-rewrite-incremental-fsync", BOOL, "yes", MUTABLE),
    D("aof-timestamp-enabled", BOOL, "no", MUTABLE),
    D("aof-use-rdb-preamble", BOOL, "yes", MUTABLE),
    D("appenddirname", file_name("appenddirname", "dirname"), "appendonlydir", FIXED),
    D("appendfilename", file_name("appendfilename", "filename"), "appendonly.aof", FIXED),
    D("appendfsync", enum("everysec always no"), "everysec", MUTABLE),
    D("appendonly", BOOL, "no", MUTABLE),
    D("auto-aof-rewrite-min-size", memory(0, ULONG), "67108864", MUTABLE),
    D("auto-aof-rewrite-percentage", integer(0, INT), "100", MUTABLE),
    D("dbfilename", file_name("dbfilename", "filename"), "dump.rdb", PROTECTED),
    D("no-appendfsync-on-rewrite", BOOL, "no", MUTABLE),
    D("rdb-del-sync-files", BOOL, "no", MUTABLE),
    D("rdb-save-incremental-fsync", BOOL, "yes", MUTABLE),
    D("rdb-version-check", enum("strict relaxed"), "strict", MUTABLE),
    D("rdbchecksum", BOOL, "yes", FIXED),
    D("rdbcompression", BOOL, "yes", MUTABLE),
    D("sanitize-dump-payload", enum("no yes clients"), "no", MUTABLE),
    D("save", SAVE, "3600 1 300 100 60 10000", MUTABLE),
    D("stop-writes-on-bgsave-error", BOOL, "yes", MUTABLE),

    # Memory, expiry and encodings
    D("active-defrag-cycle-max", integer(1, 99), "25", MUTABLE),
    D("active-defrag-cycle-min", integer(1, 99), "1", MUTABLE),
    D("active-defrag-cycle-us", integer(0, 100000), "500", MUTABLE),
    D("active-defrag-ignore-bytes", memory(1, LONG), "104857600", MUTABLE),
    D("active-defrag-max-scan-fields", integer(1, LONG), "1000", MUTABLE),
    D("active-defrag-threshold-lower", integer(0, 1000), "10", MUTABLE),
    D("active-defrag-threshold-upper", integer(0, 1000), "100", MUTABLE),
    D("active-expire-effort", integer(1, 10), "1", MUTABLE),
    D("activedefrag", BOOL, "no", MUTABLE),
    D("activerehashing", BOOL, "yes", MUTABLE),
    D("hash-max-listpack-entries", integer(0, LONG), "512", MUTABLE, ("hash-max-ziplist-entries",)),
    D("hash-max-listpack-value", memory(0, ULONG), "64", MUTABLE, ("hash-max-ziplist-value",)),
    D("hll-sparse-max-bytes", memory(0, ULONG), "3000", MUTABLE),
    D("lazyfree-lazy-eviction", BOOL, "yes", MUTABLE),
    D("lazyfree-lazy-expire", BOOL, "yes", MUTABLE),
    D("lazyfree-lazy-server-del", BOOL, "yes", MUTABLE),
    D("lazyfree-lazy-user-del", BOOL, "yes", MUTABLE),
    D("lazyfree-lazy-user-flush", BOOL, "yes", MUTABLE),
    D("lfu-decay-time", integer(0, INT), "1", MUTABLE),
    D("lfu-log-factor", integer(0, INT), "10", MUTABLE),
    D("list-compress-depth", integer(0, INT), "0", MUTABLE),
    D("list-max-listpack-size", integer(-INT - 1, INT), "-2", MUTABLE, ("list-max-ziplist-size",)),
    D("maxmemory", memory(0, ULONG), "0", MUTABLE),
    D("maxmemory-eviction-tenacity", integer(0, 100), "10", MUTABLE),
    D("maxmemory-policy",
      enum("volatile-lru volatile-lfu volatile-random volatile-ttl "
           "allkeys-lru allkeys-lfu allkeys-random noeviction"), "noeviction", MUTABLE),
    D("maxmemory-samples", integer(1, 64), "5", MUTABLE),
    D("set-max-intset-entries", integer(0, LONG), "512", MUTABLE),
    D("set-max-listpack-entries", integer(0, LONG), "128", MUTABLE),
    D("set-max-listpack-value", integer(0, LONG), "64", MUTABLE),
    D("stream-node-max-bytes", memory(0, ULONG), "4096", MUTABLE),
    D("stream-node-max-entries", integer(0, LONG), "100", MUTABLE),
    D("zset-max-listpack-entries", integer(0, LONG), "128", MUTABLE, ("zset-max-ziplist-entries",)),
    D("zset-max-listpack-value", memory(0, ULONG), "64", MUTABLE, ("zset-max-ziplist-value",)),

    # Cluster
    D("cluster-allow-pubsubshard-when-down", BOOL, "yes", MUTABLE),
    D("cluster-allow-reads-when-down", BOOL, "no", MUTABLE),
    D("cluster-allow-replica-migration", BOOL, "yes", MUTABLE),
    D("cluster-announce-bus-port", integer(0, 65535), "0", MUTABLE),
    D("cluster-announce-client-ipv4", address(IPv4Address, "Invalid IPv4 address"), "", MUTABLE),
    D("cluster-announce-client-ipv6", address(IPv6Address, "Invalid IPv6 address"), "", MUTABLE),
    D("cluster-announce-client-port", integer(0, 65535), "0", MUTABLE),
    D("cluster-announce-client-tls-port", integer(0, 65535), "0", MUTABLE),
    D("cluster-announce-hostname", HOST_NAME, "", MUTABLE),
    D("cluster-announce-human-nodename",
      plain("Announced human node name contained invalid character"), "", MUTABLE),
    D("cluster-announce-ip", plain("cluster-announce-ip contains invalid character"), "", MUTABLE),
    D("cluster-announce-port", integer(0, 65535), "0", MUTABLE),
    D("cluster-announce-tls-port", integer(0, 65535), "0", MUTABLE),
    D("cluster-blacklist-ttl", integer(-LONG - 1, LONG), "60", MUTABLE),
    D("cluster-compatibility-sample-ratio", integer(0, 100), "0", MUTABLE),
    D("cluster-config-file", not_empty("cluster-config-file"), "nodes.conf", FIXED),
    D("cluster-config-save-behavior", enum("sync best-effort"), "sync", MUTABLE),
    D("cluster-databases", integer(1, INT), "1", FIXED),
    D("cluster-enabled", BOOL, "no", FIXED),
    D("cluster-link-sendbuf-limit", memory(0, ULONG), "0", MUTABLE),
    D("cluster-manual-failover-timeout", integer(1, INT), "5000", MUTABLE),
    D("cluster-migration-barrier", integer(0, INT), "1", MUTABLE),
    D("cluster-node-timeout", integer(0, LONG), "15000", MUTABLE),
    D("cluster-port", integer(0, 65535), "0", FIXED),
    D("cluster-preferred-endpoint-type", enum("ip hostname unknown-endpoint"), "ip", MUTABLE),
    D("cluster-replica-no-failover", BOOL, "no", MUTABLE, ("cluster-slave-no-failover",)),
    D("cluster-replica-validity-factor", integer(0, INT), "10", MUTABLE, ("cluster-slave-validity-factor",)),
    D("cluster-require-full-coverage", BOOL, "yes", MUTABLE),
    D("cluster-slot-migration-log-max-len", integer(0, LONG), "1000", MUTABLE),
    D("cluster-slot-stats-enabled", BOOL, "no", MUTABLE),
    D("slot-migration-max-failover-repl-bytes", memory(-1, LONG), "0", MUTABLE),

    # Replication
    D("dual-channel-replication-enabled", BOOL, "no", MUTABLE),
    D("min-replicas-max-lag", integer(0, INT), "10", MUTABLE, ("min-slaves-max-lag",)),
    D("min-replicas-to-write", integer(0, INT), "0", MUTABLE, ("min-slaves-to-write",)),
    D("primaryauth", STRING, "", MUTABLE, ("masterauth",)),
    D("primaryuser", STRING, "", MUTABLE, ("masteruser",)),
    D("propagation-error-behavior", enum("ignore panic panic-on-replicas"), "ignore", MUTABLE),
    D("repl-backlog-size", memory(1, LONG, 16384), "10485760", MUTABLE),
    D("repl-backlog-ttl", integer(0, LONG), "3600", MUTABLE),
    D("repl-disable-tcp-nodelay", BOOL, "no", MUTABLE),
    D("repl-diskless-load", enum("disabled on-empty-db swapdb flush-before-load"), "disabled", MUTABLE),
    D("repl-diskless-sync", BOOL, "yes", MUTABLE),
    D("repl-diskless-sync-delay", integer(0, INT), "5", MUTABLE),
    D("repl-diskless-sync-max-replicas", integer(0, INT), "0", MUTABLE),
    D("repl-mptcp", BOOL, "no", FIXED),
    D("repl-ping-replica-period", integer(1, INT), "10", MUTABLE, ("repl-ping-slave-period",)),
    D("repl-timeout", integer(1, INT), "60", MUTABLE),
    D("replica-announce-ip", STRING, "", MUTABLE, ("slave-announce-ip",)),
    D("replica-announce-port", integer(0, 65535), "0", MUTABLE, ("slave-announce-port",)),
    D("replica-announced", BOOL, "yes", MUTABLE),
    D("replica-full-sync-buffer-limit", memory(0, LONG), "0", MUTABLE),
    D("replica-ignore-disk-write-errors", BOOL, "no", MUTABLE),
    D("replica-ignore-maxmemory", BOOL, "yes", MUTABLE, ("slave-ignore-maxmemory",)),
    D("replica-lazy-flush", BOOL, "yes", MUTABLE, ("slave-lazy-flush",)),
    D("replica-priority", integer(0, INT), "100", MUTABLE, ("slave-priority",)),
    D("replica-read-only", BOOL, "yes", MUTABLE, ("slave-read-only",)),
    D("replica-serve-stale-data", BOOL, "yes", MUTABLE, ("slave-serve-stale-data",)),
    D("replicaof", REPLICAOF, "no one", FIXED, ("slaveof",)),

    # Access, scripts and watching
    D("acl-pubsub-default", enum("allchannels resetchannels"), "resetchannels", MUTABLE),
    D("aclfile", STRING, "", FIXED),
    D("acllog-max-len", integer(0, LONG), "128", MUTABLE),
    D("busy-reply-threshold", integer(0, LONG), "5000", MUTABLE, ("lua-time-limit",)),
    D("commandlog-execution-slower-than", integer(-1, LONG), "10000", MUTABLE, ("slowlog-log-slower-than",)),
    D("commandlog-large-reply-max-len", integer(0, LONG), "128", MUTABLE),
    D("commandlog-large-request-max-len", integer(0, LONG), "128", MUTABLE),
    D("commandlog-reply-larger-than", integer(-1, LONG), "1048576", MUTABLE),
    D("commandlog-request-larger-than", integer(-1, LONG), "1048576", MUTABLE),
    D("commandlog-slow-execution-max-len", integer(0, LONG), "128", MUTABLE, ("slowlog-max-len",)),
    D("enable-debug-command", enum("no yes local"), "no", FIXED),
    D("enable-module-command", enum("no yes local"), "no", FIXED),
    D("enable-protected-configs", enum("no yes local"), "no", FIXED),
    D("latency-monitor-threshold", integer(0, LONG), "0", MUTABLE),
    D("latency-tracking", BOOL, "yes", MUTABLE),
    D("latency-tracking-info-percentiles", PERCENTILES, "50 99 99.9", MUTABLE),
    D("notify-keyspace-events", EVENTS, "", MUTABLE),
    D("requirepass", STRING, "", MUTABLE),

    # Shown only when asked for by their full name
    D("aof-disable-auto-gc", BOOL, "no", MUTABLE, hidden=True),
    D("cluster-message-gossip-perc", integer(1, 100), "10", MUTABLE, hidden=True),
    D("cluster-ping-interval", integer(0, LONG), "0", MUTABLE, hidden=True),
    D("debug-context", STRING, "", MUTABLE, hidden=True),
    D("enable-debug-assert", BOOL, "no", FIXED, hidden=True),
    D("io-threads-always-active", BOOL, "no", MUTABLE, hidden=True),
    D("key-load-delay", integer(-INT - 1, INT), "0", MUTABLE, hidden=True),
    D("loading-process-events-interval-bytes", integer(1024, INT), "2097152", MUTABLE, hidden=True),
    D("lua-enable-deprecated-api", BOOL, "no", PROTECTED, hidden=True),
    D("lua-enable-insecure-api", BOOL, "no", PROTECTED, hidden=True),
    D("min-io-threads-avoid-copy-reply", integer(0, INT), "7", MUTABLE, hidden=True),
    D("min-string-size-avoid-copy-reply", integer(0, INT), "16384", MUTABLE, hidden=True),
    D("min-string-size-avoid-copy-reply-threaded", integer(0, INT), "65536", MUTABLE, hidden=True),
    D("rdb-key-save-delay", integer(-INT - 1, INT), "0", MUTABLE, hidden=True),
    D("repl-rdb-channel", BOOL, "yes", MUTABLE, hidden=True),
    D("use-exit-on-panic", BOOL, "no", MUTABLE, hidden=True),
    D("watchdog-period", integer(0, INT), "0", MUTABLE, hidden=True),
)

# Accepted in a file for the sake of old ones, with one value, and forgotten.
OBSOLETE = frozenset((
    "io-threads-do-reads", "list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands",
    "events-per-io-thread",
))

# Obeyed by the engine and the network loop (applied through hooks).
ENGINE = frozenset((
    "active-expire-effort", "client-query-buffer-limit", "databases", "hash-max-listpack-entries",
    "hash-max-listpack-value", "hll-sparse-max-bytes", "hz", "lazyfree-lazy-expire", "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "lfu-decay-time", "lfu-log-factor",
    "list-max-listpack-size", "maxclients", "proto-max-bulk-len", "rdbcompression",
    "requirepass", "set-max-intset-entries", "set-max-listpack-entries", "set-max-listpack-value", "tcp-keepalive",
    "timeout", "zset-max-listpack-entries", "zset-max-listpack-value",
))

# Obeyed by the plain-Python shell.
SERVER = frozenset((
    "bind", "crash-log-enabled", "daemonize", "dir", "enable-debug-command", "enable-protected-configs",
    "log-format", "log-timestamp-format", "logfile", "loglevel", "pidfile", "port", "protected-mode",
    "shutdown-on-sigint", "shutdown-on-sigterm", "supervised", "tcp-backlog", "unixsocket",
    "unixsocketgroup", "unixsocketperm",
))
