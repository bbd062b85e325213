"""Where the sources of our own right answers are: `solutions/`, a `# %% name` section for each."""

import functools
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "solutions"


def source(name: str) -> str | None:
    """The solution of that name as a program, imports included; None where there is none."""
    return _all().get(name)


@functools.cache
def _all() -> dict[str, str]:
    found = {}
    for path in sorted(FOLDER.glob("*.py")):  # none where only the package is installed
        imports, *sections = path.read_text(encoding="utf-8").split("\n# %% ")
        for section in sections:
            name, _, body = section.partition("\n")
            found[name.strip()] = f"{imports}\n{body}"
    return found
