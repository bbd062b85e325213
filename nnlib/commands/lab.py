"""Bring your own copies of the lessons up to date, and open JupyterLab where you left off."""

from nnlib.course import lab


def add_arguments(parser) -> None:
    parser.add_argument("--no-browser", action="store_true", help="print the address instead")


def run(options) -> int:
    return lab.open_lab(browser=not options.no_browser)
