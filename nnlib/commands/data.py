"""Fetch data sets, and list what is here, with sizes and hashes."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nnlib import downloads

COLORS = {"ok": "green", "corrupt": "red"}


def add_arguments(parser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="sets to fetch; none: only list")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    for name in options.names:
        downloads.fetch(name)
    keys = ("name", "file", "bytes", "state", "sha256", "folder")
    rows = [
        dict(zip(keys, (*row[:4], downloads.FILES[row[0]][row[1]], str(row[4])), strict=True))
        for row in downloads.inventory()
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    console = Console()
    console.print(_table(rows))
    console.print("Iris, breast cancer and the small digits come with scikit-learn.")
    for folder in dict.fromkeys(row["folder"] for row in rows):
        console.print(f"Folder: {folder}", soft_wrap=True)
    if any(row["state"] == "missing" for row in rows):
        console.print("Fetch what is missing with: nnlib data mnist pima")
    return 0


def _table(rows: list[dict]) -> Table:
    table = Table("data set", "file", "size", "state", "SHA-256", title="Data sets")
    for row in rows:
        size = "" if row["bytes"] is None else f"{row['bytes'] / 1e6:.2f} MB"
        color = COLORS.get(row["state"], "yellow")
        state = f"[{color}]{row['state']}[/{color}]"
        table.add_row(row["name"], Path(row["file"]).name, size, state, row["sha256"][:12] + "…")
    return table
