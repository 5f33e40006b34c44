"""``python -m k2compat``."""

import sys

from k2compat.cli import main

if __name__ == "__main__":
    sys.exit(main())
