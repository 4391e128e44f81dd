"""`python -m cydis` is `cydis-server`."""
import sys

from cydis.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
