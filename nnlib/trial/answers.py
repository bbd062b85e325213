"""Answers by name: which code of a notebook counts for an exercise, and put answers into holes.

The answer that counts is the one that its check was given: `check("softmax", my_softmax)` hands it
over, and what that value needs is followed back from there. Everything is found by reading the
code, never by cell ids or tags: a copied cell, a renamed file, another editor are all the same.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnlib.trial import effects, magics, statements
from nnlib.trial.following import Follower
from nnlib.trial.reading import Notebook
from nnlib.trial.statements import ASSIGNMENT, DEFINITION, IMPORT, Statement

if TYPE_CHECKING:  # it takes a second, and the grader's processes only read code
    import nbformat

GIVEN = "__given_to_check__"
"""Where a program finds what its own calls of `check` were given, by the exercise's name."""


@dataclass(frozen=True)
class Found:
    """What counts for one exercise.

    status: "answer" or "todo". program: the code to run. expression: what gives the answer then.
    notebook: the file that it is in. cell: the id of its cell, or "". remark: what was found
    instead, or what is odd about it, in a sentence; or "".
    """

    status: str
    program: str = ""
    expression: str = ""
    notebook: str = ""
    cell: str = ""
    remark: str = ""


def find(
    notebooks: list[Notebook], asked: dict[str, str], lessons: dict[str, str]
) -> dict[str, Found]:
    """What counts for each exercise in one person's notebooks and .py files.

    asked: name -> kind ("function", "class" or "value"). lessons: name -> lesson, of all exercises.
    An exercise counts from its own lesson's notebook first; among equals, from the last one.
    """
    sheets = [_Sheet(notebook, lessons) for notebook in notebooks if notebook.cells]
    return {name: _choose(sheets, name, kind, lessons.get(name)) for name, kind in asked.items()}


def defined(notebook: Notebook, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which of the names a notebook gives something to, and which are only holes in it."""
    found = statements.of_cells(notebook.code)
    there = {name for each in found for name in each.names}
    filled = {name for each in found if not statements.is_hole(each.node) for name in each.names}
    return [n for n in names if n in filled], [n for n in names if n in there - filled]


def companions(notebooks: list[Notebook]) -> dict[str, str]:
    """The files that answers may import or read: handed in as .py, or written by `%%writefile`."""
    files = {n.name: "\n".join(n.code) for n in notebooks if n.name.endswith(".py")}
    for notebook in notebooks:
        for cell in notebook.code:
            magic = magics.cell_magic(cell)
            target = magic and magics.written(*magic[:2])
            if target and re.fullmatch(r"[\w-][\w. -]*", target[0]):
                before = files.get(target[0], "") if target[1] else ""
                files[target[0]] = before + magic[2]
    return files


def _choose(sheets: list[_Sheet], name: str, kind: str, lesson: str | None) -> Found:
    own = [sheet for sheet in sheets if lesson and lesson in sheet.lessons]
    other = [sheet for sheet in sheets if sheet not in own]
    found = [sheet.find(name, kind) for sheet in reversed(own)]
    for sheet in reversed(other):
        if sheet.events(name) or not sheet.lessons:
            found.append(sheet.find(name, kind))
    answered = [each for each in found if each.status == "answer"]
    told = [each for each in found if each.remark]
    todo = Found("todo", notebook=sheets[-1].name if sheets else "")
    return (answered or told or found or [todo])[0]


class _Sheet:
    """One notebook, read."""

    def __init__(self, notebook: Notebook, lessons: dict[str, str]):
        self.name = notebook.name
        self.cells = [cell for cell in notebook.cells if cell.kind == "code"]
        self.texts = [cell for cell in notebook.cells if cell.kind != "code"]
        self.statements = statements.of_cells(cell.source for cell in self.cells)
        self.follow = Follower(self.statements)
        self._events = {name: [] for name in lessons}
        for i, statement in enumerate(self.statements):
            if statement.node:
                self._look_for_checks(i, statement.node)
        named = {lesson for lesson in lessons.values() if lesson in notebook.name}
        checked = {lessons[name] for name, events in self._events.items() if events}
        self.lessons = checked or named

    # -- check calls ------------------------------------------------------------------------------

    def events(self, name: str) -> list[tuple[int, ast.expr | None]]:
        """The statements that check an exercise, and what they check; None: only running tells."""
        return self._events.get(name, [])

    def _look_for_checks(self, i: int, node: ast.stmt) -> None:
        if isinstance(node, DEFINITION):
            return
        calls = [(call, plain) for call, plain in _calls(node) if self._is_check(call.func, i)]
        dynamic = not calls and self.follow.effects[i].checks
        for call, plain in calls:
            name, value = _given(call)
            if isinstance(name, ast.Constant) and value is not None:
                if name.value in self._events:
                    self._events[name.value].append((i, value if plain else None))
            elif name is not None:
                dynamic = True
        if dynamic:
            for name in self._mentioned(i) & self._events.keys():
                self._events[name].append((i, None))

    def _is_check(self, function: ast.expr, at: int) -> bool:
        if isinstance(function, ast.Name):
            binders = self.follow.bound(function.id, at)
            node = self.statements[binders[0]].node if binders else None
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
                return self._is_check(node.value, binders[0])
            if node and not isinstance(node, IMPORT):
                return False
        return effects.is_check(function, self.follow.names)

    def _mentioned(self, i: int) -> set[str]:
        """Names and strings in a statement, in what it calls, and in what it reads."""
        nodes = [self.statements[i].node]
        for name in self.follow.effects[i].now:
            nodes += [self.statements[j].node for j in self.follow.bound(name, i)]
        found = set()
        for part in (part for node in nodes if node for part in ast.walk(node)):
            if isinstance(part, ast.Name):
                found.add(part.id)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.add(part.value)
        return found

    # -- what counts ------------------------------------------------------------------------------

    def find(self, name: str, kind: str) -> Found:
        """What counts for an exercise in this notebook."""
        events = [(i, value) for i, value in self.events(name) if self._is_reached(i, value)]
        if events:
            return self._checked(name, kind, events)
        return self._unchecked(name, kind)

    def _is_reached(self, i: int, value: ast.expr | None) -> bool:
        """Whether there is something that the call can be given; else a kernel stops before it."""
        if value is None:
            return True
        return all(self._exists(name, i) for name in _reads(value, self.follow.names).now)

    def _exists(self, name: str, at: int) -> bool:
        if ":" in name or hasattr(builtins, name) or self.follow.bound(name, at):
            return True
        return any(_imports_star(statement.node) for statement in self.statements[:at])

    def _checked(self, name: str, kind: str, events: list) -> Found:
        last, value = events[-1]
        if value is not None:
            binders = self.follow.bound(value.id, last) if isinstance(value, ast.Name) else []
            cell = self.statements[binders[0] if binders else last].cell
            if isinstance(value, ast.Constant) and value.value is ...:
                return self._todo(name, kind, last)
            reads = _reads(value, self.follow.names)
            needed = self.follow.needed(reads.now, reads.later, last)
            changed = binders and self.follow.changers(value.id, last, last)
            if len(binders) == 1 and self._is_empty(binders[0]) and not changed:
                return self._todo(name, kind, binders[0])
            return self._found(name, kind, needed, last, ast.unparse(value), cell)
        certain = max((k for k, event in enumerate(events) if event[1] is not None), default=0)
        needed: dict[int, set[str]] = {}
        for i, _ in events[certain:]:
            effect = self.follow.effects[i]
            for j, names in self.follow.needed(effect.now, effect.later, i).items():
                needed.setdefault(j, set()).update(names)
            needed.setdefault(i, set()).add("")
        expression = f"{GIVEN}[{name!r}]"
        binders = self.follow.bound(name, last)
        if events[certain][1] is None and binders:  # perhaps it never comes to a check
            expression += f" if {name!r} in {GIVEN} else {name}"
            for j, names in self.follow.needed({name}, set(), last).items():
                needed.setdefault(j, set()).update(names)
        cell = self.statements[binders[0] if binders else last].cell
        return self._found(name, kind, needed, last + 1, expression, cell)

    def _unchecked(self, name: str, kind: str) -> Found:
        """Without a call of `check`, the last definition of the kind counts."""
        definitions = [i for i in self.follow.binders.get(name, ())]
        gone = [i for i in definitions if isinstance(self.statements[i].node, ast.Delete)]
        end = len(self.statements)
        changers = self.follow.changers(name, end, end)
        empty = [i for i in definitions if self._is_empty(i)]
        empty = [i for i in empty if not any(i < changer for changer in changers)]
        filled = [i for i in definitions if i not in gone and i not in empty]
        sure = [i for i in filled if _is_of_kind(self.statements[i].node, name, kind)]
        perhaps = [i for i in filled if _may_be_of_kind(self.statements[i].node, name, kind)]
        broken = self._broken(name)
        if not perhaps and len(filled) + len(gone) == len(
            definitions
        ):  # no hole: then it is no other thing
            perhaps = filled
        chosen = (sure or perhaps or [-1])[-1]
        if broken and broken[-1] > chosen:
            statement = self.statements[broken[-1]]
            where = self.cells[statement.cell].id
            return Found("answer", statement.source + "\n", name, self.name, where, "")
        if chosen < 0:
            return self._todo(name, kind, definitions[-1] if definitions else None)
        at = min((i for i in definitions if i > chosen), default=len(self.statements))
        needed = self.follow.needed({name}, set(), at)
        return self._found(name, kind, needed, at, name, self.statements[chosen].cell)

    def _is_empty(self, i: int) -> bool:
        node = self.statements[i].node
        return statements.is_hole(node) and not getattr(node, "decorator_list", [])

    def _broken(self, name: str) -> list[int]:
        found = enumerate(self.statements)
        return [i for i, each in found if each.problem and name in each.names]

    def _found(self, name, kind, needed, at: int, expression: str, cell: int) -> Found:
        program = self._program(needed, at)
        cells = {self.statements[i].cell for i in needed} | {cell}
        remark = self._out_of_order(cells) or self._broken_later(name, at)
        where = self.cells[cell].id
        return Found("answer", program, expression, self.name, where, remark)

    def _program(self, needed: dict[int, set[str]], at: int) -> str:
        before, parts = [], []
        for i, statement in enumerate(self.statements[:at]):
            node = statement.node
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                before.append(statement.source)
            elif _imports_star(node):
                parts.append(statement.source)
            elif i in needed:
                parts.append(_only(statement, needed[i]))
        return "\n\n".join([*dict.fromkeys(before), *parts]) + "\n"

    # -- remarks ----------------------------------------------------------------------------------

    def _todo(self, name: str, kind: str, i: int | None) -> Found:
        cell = "" if i is None else self.cells[self.statements[i].cell].id
        return Found("todo", notebook=self.name, cell=cell, remark=self._instead(name, kind, i))

    def _instead(self, name: str, kind: str, hole: int | None) -> str:
        """What there is instead of an answer, in a sentence, or ""."""
        filled = [i for i in self.follow.binders.get(name, ()) if not self._is_empty(i)]
        if any(_is_of_kind(self.statements[i].node, name, kind) for i in filled):
            return (
                f"There is a cell with an answer, but an empty copy of it is what its check was"
                f" given. Delete the empty `{name}`."
            )
        if broken := self._broken(name):
            problem = self.statements[broken[-1]].problem
            return f"There is a cell with an answer, but it is not Python yet. {problem}."
        definition = re.compile(rf"^\s*(?:(?:async\s+)?def|class)\s+{name}\b|^{name}\s*=[^=]", re.M)
        for cell in self.texts:
            if definition.search(cell.source):
                return f"A {cell.kind} cell holds a definition of {name}. Make it a code cell."
        if other := self._spelled_otherwise(name, kind):
            return f"{other} is there, but {name} is what is asked for. Rename it."
        return ""

    def _spelled_otherwise(self, name: str, kind: str) -> str:
        defined = {
            other
            for other, binders in self.follow.binders.items()
            if other not in self._events
            and not other.startswith("_")
            and _is_of_kind(self.statements[binders[-1]].node, other, kind)
            and not self._is_empty(binders[-1])
        }
        letters = _letters(name)
        for other in sorted(defined):
            if _letters(other) == letters:
                return other
        near = difflib.get_close_matches(name, defined, n=1, cutoff=0.87)
        return near[0] if near else ""

    def _broken_later(self, name: str, at: int) -> str:
        later = [i for i in self._broken(name) if i >= at]
        if not later:
            return ""
        return f"A later cell of {name} is not Python: {self.statements[later[-1]].problem}."

    def _out_of_order(self, cells: set[int]) -> str:
        counts = [self.cells[i].count for i in sorted(cells) if self.cells[i].count]
        if counts == sorted(counts):
            return ""
        return "Its cells were last run in another order than from top to bottom, as they are here."


def _calls(node: ast.stmt) -> list[tuple[ast.Call, bool]]:
    """The calls in a statement, each with whether it runs exactly once, whatever happens."""
    found, todo = [], [(node, True)]
    once = ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Assert
    parts = ast.Call | ast.keyword | ast.Tuple | ast.List | ast.Attribute | ast.JoinedStr
    parts |= (
        ast.FormattedValue | ast.NamedExpr | ast.BinOp | ast.UnaryOp | ast.Compare | ast.Starred
    )
    while todo:
        part, plain = todo.pop()
        plain = plain and isinstance(part, once | parts)
        if isinstance(part, ast.Call):
            found.append((part, plain))
        if not isinstance(part, DEFINITION | ast.Lambda):
            todo += [(inner, plain) for inner in reversed(list(ast.iter_child_nodes(part)))]
    return found


def _given(call: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    """The name and the value that a call of `check` is given; None where it cannot be seen."""
    if any(isinstance(a, ast.Starred) for a in call.args):
        return call.args[0], None
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    given = dict(zip(("name", "answer"), call.args, strict=False)) | keywords
    return (given["name"], given["answer"]) if given.keys() == {"name", "answer"} else (None, None)


def _reads(value: ast.expr, names: effects.Names) -> effects.Effects:
    return effects.of_statement(ast.Expr(value), names)


def _imports_star(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def _only(statement: Statement, names: set[str]) -> str:
    """The statement's text; of an import, only the names that are needed."""
    node = statement.node
    if not isinstance(node, IMPORT):
        return statement.source
    kept = [a for a in node.names if (a.asname or a.name).split(".")[0] in names]
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(kept))
    return ast.unparse(ast.ImportFrom(node.module, kept, node.level))


def _is_of_kind(node: ast.stmt | None, name: str, kind: str) -> bool:
    """Whether a statement surely binds the name to something of that kind."""
    if node is None:
        return False
    for part in ast.walk(node):
        if isinstance(part, DEFINITION) and part.name == name:
            return (kind == "class") == isinstance(part, ast.ClassDef) and kind != "value"
        if (
            kind == "function"
            and isinstance(part, ASSIGNMENT)
            and isinstance(part.value, ast.Lambda)
        ):
            return name in statements.bound_by(part)
    return kind == "value" and not isinstance(node, IMPORT | ast.Delete)


def _may_be_of_kind(node: ast.stmt, name: str, kind: str) -> bool:
    """Whether it may be one: another name for it, an import, or what a call gives."""
    if kind == "value" or isinstance(node, ast.Delete):
        return False
    if isinstance(node, ASSIGNMENT) and isinstance(node.value, ast.Call):
        own = ast.unparse(node.value.func) == name  # `accuracy = accuracy(logits, labels)`
        return not own
    if isinstance(node, ASSIGNMENT):
        return isinstance(node.value, ast.Name | ast.Attribute | ast.Subscript)
    return isinstance(node, IMPORT)


def _letters(name: str) -> str:
    words = [word for word in re.split(r"_|\d+", name.lower()) if word not in ("my", "new", "own")]
    return "".join(words)


# -- definitions and holes -------------------------------------------------------------------------


def extract(cells: list[str]) -> dict[str, str]:
    """The definitions in code cells, or in a .py file: name -> source.

    Every name defined at the top level is there: functions, classes, assignments, imports; and
    functions and classes that stand within `if`, `try` or `with`, with all of that. Of several definitions the last one counts, as in Python. Holes are there too, see `is_hole`; and
    what a cell that is not Python yet seems to define: half-written work is kept, not dropped.
    """
    definitions = {}
    for statement in statements.of_cells(cells):
        if statement.node is None or isinstance(statement.node, DEFINITION | ASSIGNMENT | IMPORT):
            definitions |= dict.fromkeys(statement.names, statement.source)
        elif isinstance(statement.node, ast.If | ast.Try | ast.With):
            inside = {
                part.name for part in ast.walk(statement.node) if isinstance(part, DEFINITION)
            }
            definitions |= dict.fromkeys(inside & statement.names, statement.source)
    return definitions


def is_hole(source: str) -> bool:
    """Whether a definition is a hole: a body, or a value, of `...`, perhaps with a docstring."""
    found = statements.of_cells([source])
    return len(found) == 1 and statements.is_hole(found[0].node)


def holes(cells: list[nbformat.NotebookNode]) -> list[str]:
    """The names of the holes in a notebook's cells, in order."""
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return [
        name
        for statement in statements.of_cells(sources)
        if statements.is_hole(statement.node)
        for name in sorted(statement.names)
    ]


def insert(lesson: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    """The lesson with these answers in its holes, and only in holes; the rest is untouched.

    An answer that is still a hole is passed over. Outputs that no longer belong to the code (the
    filled cells, and checks of what they define) are removed.
    """
    import nbformat

    # A deep copy through JSON keeps ids and metadata and shares nothing.
    lesson = nbformat.reads(nbformat.writes(lesson), as_version=4)
    filled = set()
    for cell in lesson.cells:
        if cell.cell_type != "code":
            continue
        for statement in statements.of_cells([cell.source]):
            names = [name for name in statement.names if name in answers]
            is_open = names and statements.is_hole(statement.node)
            if is_open and not is_hole(answers[names[0]]):
                cell.source = cell.source.replace(statement.source, answers[names[0]], 1)
                filled.add(names[0])
        checked = re.findall(r"check\(\s*[\"'](\w+)", cell.source)
        if filled & (set(checked) | set(_binds(cell.source))):
            cell.outputs, cell.execution_count = [], None
    return lesson


def _binds(cell: str) -> set[str]:
    return {name for statement in statements.of_cells([cell]) for name in statement.names}
