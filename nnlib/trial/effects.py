"""What a statement reads, and which objects it may change: by reading it, never by running it.

Python can't be read for certain. The guesses here err towards "it may change this" for the
notebook's own functions and for unknown ones whose result nobody uses, and towards "it does not"
for a library's, unless their name says otherwise, such as `append` or `zero_`.
"""

import ast
import builtins
import functools
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from nnlib.trial.statements import DEFINITION, bound_by

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

LIBRARIES = sys.stdlib_module_names | set(
    "torch torchvision torchaudio torchinfo torchmetrics numpy matplotlib mpl_toolkits seaborn"
    " pandas scipy sklearn PIL cv2 tqdm IPython ipywidgets nnlib plotly sympy einops".split()
)
_CHANGE_WHAT_THEY_ARE_CALLED_ON = set(
    "append extend insert remove pop popitem popleft appendleft extendleft rotate clear update"
    " setdefault sort reverse add discard difference_update intersection_update fill put"
    " symmetric_difference_update resize partition itemset setflags load_state_dict train eval"
    " zero_grad step apply add_module register_module register_buffer register_parameter"
    " register_forward_hook register_forward_pre_hook register __setattr__"
    " __setitem__ __delitem__ __iadd__ write writelines".split()
)
_CHANGE_NOTHING = set(
    "show plot scatter hist bar barh imshow set_title set_xlabel set_ylabel legend grid axis"
    " set_xlim set_ylim set_xticks set_yticks tick_params tight_layout savefig annotate text"
    " contour contourf fill_between axhline axvline suptitle colorbar matshow boxplot errorbar"
    " head tail describe info debug warning error log print display flush close save format join"
    " split strip lower upper startswith endswith count index keys values items get copy clone"
    " detach numpy item tolist size dim numel sum mean std var min max argmax argmin amax amin abs"
    " exp sqrt softmax relu sigmoid tanh matmul mm dot view reshape flatten squeeze unsqueeze"
    " transpose permute t any all norm round clamp parameters named_parameters modules children"
    " state_dict set_description set_postfix refresh add_scalar predict predict_proba score fit".split()
)
_GIVE_SOMETHING_NEW = set(
    "clone copy deepcopy item tolist sum mean std var min max argmax argmin norm exp sqrt softmax"
    " relu sigmoid tanh matmul mm dot round any all size dim numel format join split strip"
    " count index abs".split()
)
_CHANGE_THEIR_ARGUMENTS = set(
    "setattr delattr exec next shuffle heappush heappop heapify heapreplace heappushpop insort"
    " insort_left insort_right copyto place putmask put_along_axis fill_diagonal setitem delitem"
    " iadd vector_to_parameters register_parametrization weight_norm spectral_norm".split()
)
_HOLD_THEIR_ARGUMENTS = set(
    "list dict tuple set zip enumerate map filter iter reversed sorted next getattr vars super min"
    " max partial as_tensor from_numpy asarray chain deque defaultdict compile".split()
)
_SET_A_STATE = set(
    "seed manual_seed set_default_dtype set_default_device set_grad_enabled chdir".split()
)
_LOOK_NAMES_UP = {"globals", "locals", "vars", "eval", "exec", "getattr", "setattr"}
_WRITE_FILES = set(
    "write_text write_bytes save savez savez_compressed savetxt to_csv to_json dump tofile"
    " to_pickle save_file".split()
)


@dataclass
class Effects:
    """What a piece of code does, by the names of the scope that it stands in.

    now: what it reads while it runs; later: what the functions defined in it will read.
    changes: the names whose objects it may change. holds: a name, and those whose objects the
    name's object may be, hold, or be held by. puts: a name, and those whose objects it puts into
    the name's. returns: the names that a function's result may hold. binds: global names that are bound by what it calls. backward, steps: the names that
    gradients are sent back from, and that use them. checks: whether it calls `check`.
    """

    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    holds: dict[str, set[str]] = field(default_factory=dict)
    puts: dict[str, set[str]] = field(default_factory=dict)
    returns: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    backward: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    checks: bool = False

    def behind(self, names: Iterable[str]) -> set[str]:
        """These names, and all that their objects may be, hold or be held by."""
        found, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.holds.get(name, ())
        return found


class Names:
    """What the names in a notebook stand for, as far as it can be read."""

    def __init__(self, trees: Iterable[ast.stmt]):
        self.functions: dict[str, list] = {}
        self.methods: dict[str, list] = {}
        self.classes: dict[str, list[ast.ClassDef]] = {}
        self.imported: dict[str, str] = {}
        self.built: set[str] = set()  # objects of a class, by its capital letter
        self.assigned: set[str] = set()
        self._known: dict[ast.AST, Effects] = {}
        for tree in trees:
            self._look(tree, in_class=False)

    def _look(self, tree: ast.AST, in_class: bool) -> None:
        todo = [tree]
        while todo:
            node = todo.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                (self.methods if in_class else self.functions).setdefault(node.name, []).append(
                    node
                )
            elif isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, []).append(node)
                for inner in node.body:
                    self._look(inner, in_class=True)
            elif isinstance(node, ast.Import):
                for a in node.names:
                    self.imported[a.asname or a.name.split(".")[0]] = a.name
            elif isinstance(node, ast.ImportFrom):
                for a in node.names:
                    self.imported[a.asname or a.name] = f"{node.module}.{a.name}"
            elif isinstance(node, ast.Assign):
                self.assigned |= bound_by(node)
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value, ast.Lambda):
                        self.functions.setdefault(target.id, []).append(node.value)
                    elif isinstance(target, ast.Attribute) and isinstance(node.value, ast.Lambda):
                        self.methods.setdefault(target.attr, []).append(node.value)
                    elif isinstance(target, ast.Name) and _is_built(node.value):
                        self.built.add(target.id)
            elif isinstance(node, ast.expr):
                continue
            else:
                todo += ast.iter_child_nodes(node)

    def is_library(self, name: str) -> bool:
        """Whether it is a library's module, function or class, which nobody changes."""
        return name not in self.assigned and self.imported.get(name, "").split(".")[0] in LIBRARIES

    def of_function(self, node: ast.AST) -> Effects:
        """What a call of this function does; its parameters are names among the others."""
        if node not in self._known:
            self._known[node] = Effects()  # for a function that calls itself
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            reader = Reader(self, node, _locals(node))
            for part in body:
                reader.visit(part)
            if isinstance(node, ast.Lambda):
                reader.effects.returns |= reader.holders(node.body)
            self._known[node] = reader.effects
        return self._known[node]

    def called(self, name: str) -> list[tuple[ast.AST, bool]]:
        """The functions that a call of this name may run, and whether they have a `self` more."""
        found = [(node, False) for node in self.functions.get(name, ())]
        for node in self.classes.get(name, ()):
            methods = [m for m in node.body if isinstance(m, FUNCTION) and m.name == "__init__"]
            found += [(method, True) for method in methods]
        return found


def _is_built(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else _name(value.func)
    return name[:1].isupper()


@functools.lru_cache(maxsize=1000)
def _locals(node: ast.AST) -> frozenset[str]:
    """The names of a function's own."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    bound = frozenset().union(*map(bound_by, body))
    outside = _declared(node)
    return (bound | set(_parameters(node))) - outside


def _declared(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Lambda):
        return set()
    found, todo = set(), list(node.body)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Global | ast.Nonlocal):
            found |= set(part.names)
        elif not isinstance(part, DEFINITION | ast.expr):
            todo += ast.iter_child_nodes(part)
    return found


def _parameters(node: ast.AST) -> list[str]:
    arguments = node.args
    found = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    found += [a.arg for a in (arguments.vararg,) if a]
    return found + [a.arg for a in [*arguments.kwonlyargs, arguments.kwarg] if a]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _attributes(node: ast.expr) -> list[str]:
    """`["path", "insert"]` for `sys.path.insert`."""
    found = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        node = node.value
    return found[::-1]


class Reader(ast.NodeVisitor):
    """Reads the code of one scope.

    whole: the function or statement that is read. local: the names that are a function's own.
    """

    def __init__(self, names: Names, whole: ast.AST, local: frozenset[str] = frozenset()):
        self.names = names
        self.whole = whole
        self.local = local
        self.effects = Effects()

    # -- what an expression's object may be, hold, or be held by ----------------------------------

    def holders(self, node: ast.expr | None) -> set[str]:
        """The names whose objects may be, hold, or be held by what the expression gives."""
        if isinstance(node, ast.Name):
            return set() if self._is_library(node.id) else {node.id}
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            return self.holders(node.value)
        if isinstance(node, ast.Call):
            return self._given_by(node)
        if isinstance(node, ast.IfExp):
            return self.holders(node.body) | self.holders(node.orelse)
        if isinstance(node, ast.NamedExpr):
            return self.holders(node.value) | {node.target.id}
        if isinstance(node, ast.BoolOp | ast.Tuple | ast.List | ast.Set):
            parts = node.values if isinstance(node, ast.BoolOp) else node.elts
            return self._all(parts)
        if isinstance(node, ast.Dict):
            return self._all(node.values)
        if isinstance(node, ast.BinOp):  # sums of lists hold what the lists hold
            displays = ast.List | ast.Tuple | ast.Dict | _COMPREHENSION
            if isinstance(node.left, displays) or isinstance(node.right, displays):
                return self._all([node.left, node.right])
            return set()
        if isinstance(node, _COMPREHENSION):
            element = node.value if isinstance(node, ast.DictComp) else node.elt
            own = set().union(*(bound_by(g.target) for g in node.generators))
            return (self.holders(element) - own) | self._all(g.iter for g in node.generators)
        return set()

    def _is_library(self, name: str) -> bool:
        return name not in self.local and self.names.is_library(name)

    def _all(self, nodes: Iterable[ast.expr]) -> set[str]:
        return set().union(*map(self.holders, nodes))

    def _given_by(self, call: ast.Call) -> set[str]:
        arguments = self._all([*call.args, *(k.value for k in call.keywords)])
        name = call.func.attr if isinstance(call.func, ast.Attribute) else _name(call.func)
        method = isinstance(call.func, ast.Attribute)
        root = _root(call.func)
        if method and not self._is_library(root):
            found = set() if name in _GIVE_SOMETHING_NEW else self.holders(call.func.value)
            for node in self.names.methods.get(name, ()):
                found |= self._from_inside(call, node, self.names.of_function(node).returns, True)
            return found
        called = self.names.called(name) if not method else []
        if called and name not in self.names.classes:
            found = set()
            for node, extra in called:
                found |= self._from_inside(call, node, self.names.of_function(node).returns, extra)
            return found
        built = name[:1].isupper() or (not method and name in self.names.classes)
        if built or name in _HOLD_THEIR_ARGUMENTS or not name:
            return arguments
        return set()

    def _from_inside(self, call: ast.Call, node, inside: set[str], extra: bool) -> set[str]:
        """Names inside a called function, as names out here: parameters become arguments."""
        parameters = _parameters(node)[extra:]
        local, found = _locals(node), set()
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        given = dict(zip(parameters, call.args, strict=False))
        given |= {k.arg: k.value for k in call.keywords if k.arg}
        for name in inside:
            if name in given and not starred:
                found |= self.holders(given[name])
            elif name in parameters:
                found |= self._all([*call.args, *(k.value for k in call.keywords)])
            elif name not in local:
                found.add(name)
        return found

    # -- reading ----------------------------------------------------------------------------------

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id not in self.local:
            self.effects.now.add(node.id)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and "." in node.value[1:] and len(node.value) < 100:
            self.effects.now.add(_file(node.value))

    def visit_Attribute(self, node):
        if node.attr == "grad":
            self.effects.steps |= self.holders(node.value)
        self.visit(node.value)

    def _change(self, names: Iterable[str], into: Iterable[str] = ()) -> None:
        """These names' objects change, and may hold those of others from now on."""
        self.effects.changes |= set(names)
        for name in names:
            self.effects.puts.setdefault(name, set()).update(set(into) - {name})

    def _bind(self, target: ast.expr, held: set[str]) -> None:
        if isinstance(target, ast.Name):
            self.effects.holds.setdefault(target.id, set()).update(held - {target.id})
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._bind(element, held)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, held)
        else:
            root = _root(target)
            self._change(self.holders(target) | ({root} if self._is_library(root) else set()), held)
            self.visit(target)

    def visit_Assign(self, node):
        names = [_name(target) for target in node.targets]
        self._visit_value(node.value, used=not set(names) <= {"_", "__"})
        for target in node.targets:
            self._bind(target, self.holders(node.value))

    def visit_AnnAssign(self, node):
        self.visit(node.annotation)
        if node.value:
            self.visit(node.value)
            self._bind(node.target, self.holders(node.value))

    def visit_AugAssign(self, node):
        self.visit(node.value)
        held = self.holders(node.value)
        if isinstance(node.target, ast.Name):
            if node.target.id not in self.local:
                self.effects.now.add(node.target.id)
            self._change({node.target.id}, held)
        else:
            self._bind(node.target, held)

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self._bind(node.target, self.holders(node.value))

    def visit_For(self, node):
        self._bind(node.target, self.holders(node.iter))
        self.generic_visit(node)

    visit_AsyncFor = visit_For

    def visit_comprehension(self, node):
        self._bind(node.target, self.holders(node.iter))
        self.generic_visit(node)

    def visit_withitem(self, node):
        self.visit(node.context_expr)
        if node.optional_vars:
            self._bind(node.optional_vars, self.holders(node.context_expr))

    def visit_Delete(self, node):
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self._bind(target, set())

    def visit_Return(self, node):
        if node.value:
            self.visit(node.value)
            self.effects.returns |= self.holders(node.value)

    visit_Yield = visit_Return

    def visit_Expr(self, node):
        self._visit_value(node.value, used=False)

    def _visit_value(self, value: ast.expr, used: bool) -> None:
        if isinstance(value, ast.Call):
            self._call(value, used)
        else:
            self.visit(value)

    def visit_Import(self, node):
        names = [a.name for a in node.names]
        self._import(node.module or "" if isinstance(node, ast.ImportFrom) else names[0])

    visit_ImportFrom = visit_Import

    def _import(self, module: str) -> None:
        if module.split(".")[0] not in LIBRARIES:
            self.effects.now |= {"sys", "os"} & self.names.imported.keys()  # sys.path, os.chdir

    # -- scopes inside ----------------------------------------------------------------------------

    def visit_FunctionDef(self, node):
        for decorator in node.decorator_list:
            self._decorate(decorator, node.name)
        for part in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(part)
        arguments = node.args
        everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        everything += [arguments.vararg, arguments.kwarg]
        for argument in everything:
            if argument and argument.annotation:
                self.visit(argument.annotation)
        if node.returns:
            self.visit(node.returns)
        self._later(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        for part in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(part)
        self._later(node)

    def _later(self, node) -> None:
        inside, own = self.names.of_function(node), _locals(node)
        free = (inside.now | inside.later) - own - self.local
        self.effects.later |= free
        if self.local:  # a function in a function: it may well be called there
            self.effects.changes |= inside.changes - own
            self.effects.binds |= inside.binds
            self.effects.checks |= inside.checks
            for mine, theirs in (
                (self.effects.holds, inside.holds),
                (self.effects.puts, inside.puts),
            ):
                for name, held in theirs.items():
                    mine.setdefault(name, set()).update(held)

    def _decorate(self, decorator: ast.expr, name: str) -> None:
        self._visit_value(decorator, used=False)
        root = _root(decorator)
        if isinstance(decorator, ast.Attribute) and not self._is_library(root):
            self._change(self.holders(decorator.value), {name})
        for node, _ in self.names.called(root):
            inside = self.names.of_function(node)
            self._change(inside.behind(inside.changes) - _locals(node), {name})

    def visit_ClassDef(self, node):
        for decorator in node.decorator_list:
            self._decorate(decorator, node.name)
        for part in [*node.bases, *(k.value for k in node.keywords)]:
            self.visit(part)
            for base in self.names.classes.get(_name(part), ()):  # its __init_subclass__
                for method in base.body:
                    if isinstance(method, FUNCTION) and method.name == "__init_subclass__":
                        inside = self.names.of_function(method)
                        changed = inside.behind(inside.changes) - _locals(method)
                        self._change(changed, {node.name})
        own = frozenset().union(*map(bound_by, node.body))
        inner = Reader(self.names, self.whole, self.local | own)
        for part in node.body:
            inner.visit(part)
        self._merge(inner, own)

    def _visit_comprehension(self, node):
        own = frozenset().union(*(bound_by(g.target) for g in node.generators))
        inner = Reader(self.names, self.whole, self.local | own)
        inner.generic_visit(node)
        self._merge(inner, own)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def _merge(self, inner: "Reader", own: frozenset[str]) -> None:
        """Take over what a scope inside did, which ran at once; own: its own names."""
        effects = inner.effects
        self.effects.now |= effects.now
        self.effects.later |= effects.later
        self.effects.changes |= effects.behind(effects.changes) - own
        for name, put in effects.puts.items():
            for outside in effects.behind({name}) - own:
                self.effects.puts.setdefault(outside, set()).update(effects.behind(put) - own)
        self.effects.binds |= effects.binds
        self.effects.backward |= effects.behind(effects.backward) - own
        self.effects.steps |= effects.behind(effects.steps) - own
        self.effects.checks |= effects.checks

    # -- calls ------------------------------------------------------------------------------------

    def visit_Call(self, node):
        self._call(node, used=True)

    def _call(self, call: ast.Call, used: bool) -> None:
        self.generic_visit(call)
        arguments = self._all([*call.args, *(k.value for k in call.keywords)])
        for keyword in call.keywords:
            if keyword.arg == "out":
                self._change(self.holders(keyword.value))
            elif keyword.arg == "inplace":
                self._change(self.holders(call.args[0]) if call.args else set())
        if isinstance(call.func, ast.Attribute):
            self._call_attribute(call, arguments, used)
        else:
            self._call_name(call, arguments, used)

    def _call_name(self, call: ast.Call, arguments: set[str], used: bool) -> None:
        name = _name(call.func)
        self._write_file(call, name)
        if name in _LOOK_NAMES_UP:
            self._names_in_strings()
        if is_check(call.func, self.names):
            self.effects.checks = True
            return
        called = self.names.called(name)
        for node, extra in called:
            self._run(call, node, extra)
        if called or name[:1].isupper():
            return
        if name in _CHANGE_THEIR_ARGUMENTS or (name.endswith("_") and name.strip("_")):
            self._change(arguments, arguments)
        elif hasattr(builtins, name) or name in ("display", "hint") or name in self.names.built:
            return
        elif not used and not self._is_library(name):
            self._change(arguments | ({name} if name else set()), arguments)

    def _call_attribute(self, call: ast.Call, arguments: set[str], used: bool) -> None:
        name, chain, root = call.func.attr, _attributes(call.func), _root(call.func)
        self._write_file(call, name)
        if is_check(call.func, self.names):
            self.effects.checks = True
        elif self._is_library(root):
            # Within a loop or a function, to set a seed belongs to what is done there.
            sets_a_state = name in _SET_A_STATE and isinstance(self.whole, ast.Expr)
            if sets_a_state or {"path", "environ"} & set(chain[:-1]):
                self._change({root})
            elif name in _CHANGE_THEIR_ARGUMENTS or name.endswith("_"):
                self._change(arguments, arguments)
            elif (root, name) == ("training", "fit") and call.args:
                self._change(self.holders(call.args[0]))
        elif name == "backward":
            self.effects.backward |= self.effects.now | self.holders(call.func.value)
        else:
            receiver = self.holders(call.func.value)
            methods = self.names.methods.get(name, ())
            for node in methods:
                self._run(call, node, True, receiver)
            if name == "step":
                self.effects.steps |= receiver
            in_place = name.endswith("_") and not name.startswith("_")
            if name in _CHANGE_WHAT_THEY_ARE_CALLED_ON or in_place:
                self._change(receiver, arguments)
            elif not used and not methods and name not in _CHANGE_NOTHING:
                self._change(receiver | arguments, arguments)

    def _run(self, call: ast.Call, node, extra: bool, receiver: Iterable[str] = ()) -> None:
        """A function of the notebook is called, or may be."""
        inside = self.names.of_function(node)
        changed = inside.behind(inside.changes)
        self._change(self._from_inside(call, node, changed, extra))
        for name, put in inside.puts.items():
            into = self._from_inside(call, node, inside.behind({name}), extra)
            self._change(into, self._from_inside(call, node, inside.behind(put), extra))
        if extra and _parameters(node)[:1] and _parameters(node)[0] in changed:
            self._change(receiver, self._all(call.args))
        declared = _declared(node)
        bound = frozenset() if isinstance(node, ast.Lambda) else declared
        self.effects.binds |= bound | inside.binds
        self.effects.checks |= inside.checks

    def _write_file(self, call: ast.Call, name: str) -> None:
        texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
        texts = [text for text in texts if isinstance(text, str)]
        modes = [*texts[1:], *(getattr(k.value, "value", "") for k in call.keywords)]
        opens = name == "open" and any(set("wax+") & set(str(mode)) for mode in modes)
        if opens or name in _WRITE_FILES:
            files = {n.value for n in ast.walk(call) if isinstance(n, ast.Constant)}
            self._change({_file(text) for text in files if isinstance(text, str)})

    def _names_in_strings(self) -> None:
        """`globals()["softmax"]`, `eval("softmax")`: names that only a string names."""
        for node in ast.walk(self.whole):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                try:
                    self.effects.now |= {
                        n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)
                    }
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    continue


def is_check(function: ast.expr, names: Names) -> bool:
    """Whether a call of this is a call of the course's `check`."""
    if isinstance(function, ast.Attribute):
        module = names.imported.get(_root(function), "").split(".")[0]
        return function.attr == "check" and module == "nnlib"
    name = _name(function)
    if name in names.functions or name in names.classes:
        return False
    what = names.imported.get(name, "nnlib.check" if name == "check" else "")
    return what.startswith("nnlib.") and what.endswith(".check")


def _root(node: ast.expr) -> str:
    """`sys` for `sys.path.insert` and for `sys.path[0].x(1)`; "" where no name is at the root."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return _name(node)


def _file(name: str) -> str:
    """A file's name among the names of objects: no Python name has a colon."""
    return f"file:{name}"


def of_statement(node: ast.stmt, names: Names) -> Effects:
    """What a top-level statement does."""
    reader = Reader(names, node)
    try:
        reader.visit(node)
    except RecursionError:  # nested as nobody writes it
        return Effects()
    return reader.effects
