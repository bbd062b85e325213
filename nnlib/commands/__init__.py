"""The command `nnlib`: one file a command, imported when it is called."""

import argparse
import importlib
import io
import os
import sys
from pathlib import Path

from nnlib.errors import CourseError

COMMANDS = {
    "lab": "open your own copy of the lessons in JupyterLab",
    "progress": "show how far you are, and what is next",
    "check": "check the answers in a notebook or .py file",
    "run": "run lessons from top to bottom",
    "measure": "measure in which range a lesson's numbers lie, over seeds and machines",
    "solve": "write a lesson with the solutions in its holes",
    "data": "fetch data sets and list what is here",
    "assign": "write a hand-out for students: lessons, or an assignment of chosen exercises",
    "grade": "grade a folder, or a zip from Canvas or Moodle, of submissions",
    "merge": "put together what several runs of grade with --shard have written",
}
"""Each command, which is the module of that name, and what it does.

The module's docstring describes it; `add_arguments(parser)` says what it takes, and `run(options)`
does it and returns the exit code. Only the module that was called is imported: torch takes seconds
to load, and `nnlib --help` should not.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns its exit code: 0, or 1 if something is wrong with what it looked at.

    2 after one sentence on bad input, a `CourseError`; 130 after Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file in a code page has no ✓: print ? instead
            stream.reconfigure(errors="replace")
    options = _parser(*arguments[:1]).parse_args(arguments)
    if "NNLIB_DATA" in os.environ:  # kernels run in another folder: a relative path must hold there
        os.environ["NNLIB_DATA"] = str(Path(os.environ["NNLIB_DATA"]).resolve())
    try:
        return options.run(options)
    except CourseError as error:
        print(f"nnlib: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("nnlib: stopped.", file=sys.stderr)
        return 130


def _parser(called: str = "") -> argparse.ArgumentParser:
    """The parser, with the arguments of the command that is called."""
    parser = argparse.ArgumentParser(
        prog="nnlib", description="Take, run, check and grade the course's lessons."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, words in COMMANDS.items():
        command = commands.add_parser(name, help=words)
        if name == called:
            module = importlib.import_module(f"nnlib.commands.{name}")
            command.description = module.__doc__
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser
