"""A new release of a lesson for a learner who has worked in the old one: nothing of theirs is lost.

What the course wrote and what the learner wrote is told apart by text: a copy that is handed out
carries a short hash of each of its cells, see `label`. A cell that still has such a hash is the
course's and makes way for the new one. Every other cell is the learner's and is kept.
"""

import copy
import hashlib

import nbformat

from nnlib.trial import answers

END = "kept-from-your-earlier-copy"
HEADING = (
    "## Kept from your earlier copy\n\n"
    "The lesson has changed, and there was no place left in it for these cells of yours."
)


def label(lesson: nbformat.NotebookNode) -> None:
    """Write into a lesson's metadata what `update` will need to know of it."""
    lesson.metadata["nnlib"] = _label(lesson)


def _label(lesson: nbformat.NotebookNode) -> dict:
    return {"cells": {cell.id: _hash(cell) for cell in lesson.cells}}


def _hash(cell: nbformat.NotebookNode) -> str:
    return hashlib.sha256(f"{cell.cell_type} {cell.source.strip()}".encode()).hexdigest()[:16]


def is_current(lesson: nbformat.NotebookNode, mine: nbformat.NotebookNode) -> bool:
    """Whether a learner's copy was made from this very lesson; outputs don't count."""
    return mine.metadata.get("nnlib") == _label(lesson)


def has_own_cells(mine: nbformat.NotebookNode) -> bool:
    """Whether there is a cell in a copy that the course did not write."""
    written = set(_handed_out(mine).values())
    return any(_hash(cell) not in written for cell in mine.cells if cell.source.strip())


def _handed_out(mine: nbformat.NotebookNode) -> dict[str, str]:
    """The cells of the lesson that a copy was made from: id -> hash; none where that is not told.

    Whatever stands in the metadata, some editor or somebody else may have written it.
    """
    label = mine.metadata.get("nnlib")
    cells = label.get("cells") if isinstance(label, dict) else None
    if not isinstance(cells, dict):
        return {}
    return {name: value for name, value in cells.items() if isinstance(value, str)}


def update(lesson: nbformat.NotebookNode, mine: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The lesson, labeled, with everything that a learner wrote into an earlier copy of it.

    - A cell of the course that the learner changed stays as they left it, if the course has not
      changed it too, or if it is a hole's cell. Otherwise it follows the course's new version.
    - An answer whose cell is gone, or was moved, goes into its hole's cell.
    - A cell of the learner's own stays behind the cell that it followed.
    - A changed cell that the course has dropped goes to the end, under a heading.

    The learner's cells keep their outputs, and so do the course's that the learner has run: all
    whose code is as it was, where the lesson itself shows nothing.
    """
    copied = _Copy(lesson, mine)
    in_place = copied.in_place()
    definitions = copied.find_answers(in_place)
    kept = copied.kept(in_place)

    updated = answers.insert(lesson, definitions)
    run = {_hash(cell): cell for _, cell in copied.cells if cell.get("outputs")}
    for i, cell in enumerate(updated.cells):
        if cell.get("outputs") == [] and _hash(cell) in run:
            cell.outputs = copy.deepcopy(run[_hash(cell)].outputs)
            cell.execution_count = run[_hash(cell)].execution_count
        if cell.id in in_place:
            updated.cells[i] = copy.deepcopy(in_place[cell.id])
            updated.cells[i].id = cell.id
    at_the_end = [cell for place, cell in kept if place == END]
    for place, cell in reversed(kept):
        if place != END:
            ids = [other.id for other in updated.cells]
            behind = ids.index(place) + 1 if place else 0
            updated.cells.insert(behind, _with_new_id(cell, ids))
    at_the_end += _overruled(lesson, mine, [*updated.cells, *at_the_end])
    if at_the_end:
        updated.cells.append(nbformat.v4.new_markdown_cell(HEADING, id=END))
    for cell in at_the_end:
        updated.cells.append(_with_new_id(cell, [other.id for other in updated.cells]))
    # The learner's kernel, and the state of the widgets in their outputs.
    updated.metadata = nbformat.from_dict(
        {**lesson.metadata, **mine.metadata, "nnlib": _label(lesson)}
    )
    return updated


class _Copy:
    """A learner's copy beside the new lesson."""

    def __init__(self, lesson: nbformat.NotebookNode, mine: nbformat.NotebookNode):
        self.handed_out = _handed_out(mine)
        self.new = {cell.id: cell for cell in lesson.cells}
        self.holes = {cell.id: answers.holes([cell]) for cell in lesson.cells}
        # Another editor may have given all cells new ids: then their text says which they are.
        by_text = {value: key for key, value in self.handed_out.items()}
        by_text |= {_hash(cell): cell.id for cell in lesson.cells}
        known = self.handed_out.keys() | self.new.keys()
        self.cells = [  # (the id of the course's cell that it is, or None; the learner's cell)
            (cell.id if cell.id in known else by_text.get(_hash(cell)), cell) for cell in mine.cells
        ]
        self.still_there = {name for name, cell in self.cells if not self._is_edited(name, cell)}

    def _is_edited(self, name: str | None, cell: nbformat.NotebookNode) -> bool:
        """Whether the learner wrote in this cell."""
        if name is None:
            return True
        if name in self.new and _hash(cell) == _hash(self.new[name]):
            return False
        return _hash(cell) != self.handed_out.get(name)

    def in_place(self) -> dict[str, nbformat.NotebookNode]:
        """The cells that stay where the lesson has a cell of that id."""
        found = {}
        for name, cell in self.cells:
            if name not in self.new or not self._is_edited(name, cell) or not cell.source.strip():
                continue
            as_before = _hash(self.new[name]) == self.handed_out.get(name)
            if as_before or _defined(cell).keys() & set(self.holes[name]):
                found.setdefault(name, cell)
        return found

    def find_answers(self, in_place: dict[str, nbformat.NotebookNode]) -> dict[str, str]:
        """For holes whose cells are no longer in the copy, put the cells that fill them in place.

        Returns the definitions that fill further holes: those of a cell that fills several.
        """
        definitions = {}
        for place, holes in self.holes.items():
            if not holes or place in in_place or place in self.still_there:
                continue
            for _, cell in self.cells:
                filled = {n: text for n, text in _answered(cell).items() if n in holes}
                if filled and any(cell is other for other in in_place.values()):
                    definitions |= filled
                elif filled:
                    in_place[place] = cell
                    break
        return definitions

    def kept(self, in_place: dict[str, nbformat.NotebookNode]) -> list[tuple]:
        """The other cells that the learner wrote: (id of the cell to follow, None or END; cell)."""
        places = {id(cell): place for place, cell in in_place.items()}
        found, before = [], None
        for name, cell in self.cells:
            if cell.id == END:
                before = END
                if cell.source.strip() != HEADING:  # they wrote even there
                    found.append((END, cell))
            elif id(cell) in places or not self._is_edited(name, cell):
                place = places.get(id(cell), name)
                before = place if place in self.new and before != END else before
            elif name is None:
                found.append((before, cell))
            elif cell.source.strip():
                found.append((name if name in self.new else END, cell))
                before = name if name in self.new and before != END else before
        return found


def _defined(cell: nbformat.NotebookNode) -> dict[str, str]:
    return answers.extract([cell.source]) if cell.cell_type == "code" else {}


def _answered(cell: nbformat.NotebookNode) -> dict[str, str]:
    """What a cell defines, holes aside."""
    return {name: text for name, text in _defined(cell).items() if not answers.is_hole(text)}


def _overruled(lesson, mine, cells) -> list[nbformat.NotebookNode]:
    """The learner's cells whose answer does not count any more in these cells, the new copy's.

    That happens where an answer stands in several cells that were moved: the last one counts.
    """
    code = [cell for cell in mine.cells if cell.cell_type == "code"]
    wanted = answers.extract([cell.source for cell in code])
    now = answers.extract([cell.source for cell in cells if cell.cell_type == "code"])
    found = []
    for name in answers.holes(lesson.cells):
        text = wanted.get(name)
        if text and not answers.is_hole(text) and now.get(name) != text:
            last = [cell for cell in code if _defined(cell).get(name) == text][-1]
            if not any(cell is last for cell in found):
                found.append(last)
    return found


def _with_new_id(cell: nbformat.NotebookNode, taken: list[str]) -> nbformat.NotebookNode:
    """A copy of the cell, under another id if its own is taken."""
    cell = copy.deepcopy(cell)
    while cell.id in taken:
        cell.id = hashlib.sha256(cell.id.encode()).hexdigest()[:8]
    return cell
