"""`python -m hyperpoint` is the command `hyperpoint`."""

import sys

from hyperpoint.cli.main import main

if __name__ == "__main__":  # processes of a pool import this module too
    sys.exit(main())
