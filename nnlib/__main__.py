"""`python -m nnlib` is the command `nnlib`."""

import sys

from nnlib.commands import main

sys.exit(main())
