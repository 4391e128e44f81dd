"""The version of this package, in the one place from which metadata, INFO and the log take it."""

VERSION = "0.1.0"

# The version of the reference whose features we have. Clients choose what they use by it (HELLO, INFO).
REDIS_VERSION = "7.4.2"
