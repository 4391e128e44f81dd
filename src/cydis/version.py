"""The version of this package, in the one place from which metadata, INFO and the log take it."""

VERSION = "0.1.0"
