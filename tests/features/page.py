#!/usr/bin/env python3
"""page.py: the rows of man/dq-catalogue.7, "name unit sign threshold" with
tabs between them, in the order of the page."""
import re
import sys

ROW = re.compile(r"^\.It Sy (\w+) No \(([^,]+), (.+), (.+)\)$")
ESCAPES = ((r"\(>=", ">="), (r"\(<=", "<="), (r"\-", "-"))


def rows(path):
    with open(path, encoding="utf-8") as page:
        for line in page:
            found = ROW.match(line.rstrip("\n"))
            if found:
                cells = "\t".join(found.groups())
                for escape, plain in ESCAPES:
                    cells = cells.replace(escape, plain)
                yield cells


if __name__ == "__main__":
    print("\n".join(rows(sys.argv[1])))
