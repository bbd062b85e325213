"""Put together what several runs of `nnlib grade` with --shard have written."""

import sys
from pathlib import Path

from nnlib.commands import graded
from nnlib.grading import output, records


def add_arguments(parser) -> None:
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="what grade --out named"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for all that is made"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    rows, problems = records.merge(options.folders)
    for problem in problems:
        print(f"nnlib: {problem}", file=sys.stderr)
    with records.open_record(options.out) as record:
        record.keep(rows)
        made = output.write(options.out, rows, [])
    graded.tell(rows, made, None, as_json=options.json)
    return 0
