"""`python -m landscapes` is the command `landscapes`."""

import sys

from landscapes.commands import main

if __name__ == "__main__":
    sys.exit(main())
