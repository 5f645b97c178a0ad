"""`python -m hyperpoint` is the command `hyperpoint`."""

import sys

from hyperpoint.cli.main import main

sys.exit(main())
