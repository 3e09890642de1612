"""`make words`: write the approved records anew, and delete those of what is no longer there."""

from __future__ import annotations

import argparse

from tests.approved import record
from tests.approved.kinds import KINDS


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the approved records; then review git diff.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="those of these names alone")
    options = parser.parse_args()
    changed = 0
    for kind, (names, text) in KINDS.items():
        for name in names():
            if (not options.names or name in options.names) and record.write(kind, name, text(name)):
                changed += 1
                print(record.path(kind, name), flush=True)
        for name in () if options.names else record.names(kind) - set(names()):
            record.path(kind, name).unlink()
            changed += 1
            print(f"{record.path(kind, name)} deleted")
    print(f"{changed} records changed; review them with git diff")


if __name__ == "__main__":
    main()
