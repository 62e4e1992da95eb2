"""``python -m mnlstat``."""

from __future__ import annotations

import sys

from mnlstat.cli import main

if __name__ == "__main__":
    sys.exit(main())
