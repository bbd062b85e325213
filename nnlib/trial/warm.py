"""The processes that run answers, with torch already loaded. They hold no right answer.

`processes` starts the template, ``python -m nnlib.trial.warm FD FOLDER``, which loads torch
once and forks a warm process whenever it is asked to, over the socket FD. A warm process forks a
child for each submission. The child alone reads the submission, over a socket of its own: the warm
process never has a student's code in its memory, nor has the next student's child.
Where a process cannot be forked, ``python -m nnlib.trial.warm`` is one such child itself.
"""

import contextlib
import gc
import hashlib
import json
import os
import select
import signal
import socket
import sys
import tempfile

import torch
import torch._dynamo  # the first optimizer of a process would load it, which takes a second
import torch.optim

from nnlib.checking import holes, running
from nnlib.exercises import asked
from nnlib.trial import answers, reading, sandbox, wire


def be_template(control: socket.socket) -> None:
    """Fork a warm process for each request, until the other side hangs up.

    A request is a level of isolation, with the socket on which the new process is to `serve`. The
    answer is its number.
    """
    gc.collect()
    gc.freeze()  # what is there now, all of them share instead of copying it
    while True:
        level, sockets, _, _ = socket.recv_fds(control, 100, 1)
        with contextlib.suppress(ChildProcessError):  # there is none, or none any more
            while os.waitpid(-1, os.WNOHANG if level else 0)[0]:
                pass
        if not level:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _be_warm(socket.socket(fileno=sockets[0]), level.decode())
        os.close(sockets[0])
        control.send(str(pid).encode())


def _be_warm(control: socket.socket, level: str) -> None:
    try:
        serve(control, level)
    finally:
        os._exit(0)  # never back into the template's loop


def serve(control: socket.socket, level: str) -> None:
    """Fork a child for each request, one after another, until the other side hangs up.

    A request is JSON with a socket for the child: {"exercises", "limits"}. The answer is
    {"pid"}; then "stop" ends the child, if it has not ended; then {"code"}, its exit code, says
    that it and every process that it started are gone.
    """
    place = sandbox.enter(level, tempfile.gettempdir())
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 2**20, 1)
        if not message:
            return
        request = json.loads(message)
        limits = sandbox.Limits(**request["limits"])
        place.prepare()
        child = os.fork()
        if child == 0:
            _be_child(sockets[0], place, limits, request["exercises"])
        os.close(sockets[0])
        control.send(json.dumps({"pid": child}).encode())
        told = _wait(child, control, place, limits)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        place.clear()
        if told or control.recv(100):
            control.send(json.dumps({"code": code}).encode())


def _wait(child: int, control: socket.socket, place: sandbox.Place, limits) -> bool:
    """Wait until the child ends, or end it: when told to, or if it fills the disk. Were we told?"""
    ended = os.pidfd_open(child)
    try:
        while not (ready := select.select([ended, control], [], [], 0.2)[0]):
            if place.is_overfull(limits):
                os.kill(child, signal.SIGKILL)
    finally:
        os.close(ended)
    if control not in ready:
        return False
    control.recv(100)
    os.kill(child, signal.SIGKILL)
    return True


def _be_child(number: int, place: sandbox.Place, limits, exercises: int) -> None:
    """Lock this process in, then read a job from the socket and answer it."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)
        os.closerange(3, number)
        os.closerange(number + 1, 4096)
        try:
            place.lock_in(limits, exercises)
        except Exception:  # whatever it was: nothing of the submission may run now
            os._exit(sandbox.NOT_ISOLATED)
        _clean_environment(place.scratch)
        answer(os.fdopen(number, "rb", closefd=False), os.fdopen(number, "wb", 0), limits)
        os._exit(0)
    finally:
        os._exit(1)


def _clean_environment(scratch: str) -> None:
    os.environ.clear()
    os.environ.update(HOME=scratch, TMPDIR=scratch, TEMP=scratch, LANG="C.UTF-8")
    tempfile.tempdir = None  # forget the folder that was found in the old environment


def answer(told, says, limits: sandbox.Limits) -> None:
    """Read an item's files, say what is in them, then run the answers that are asked for.

    told: a binary file with a `wire.job`, and later what to `wire.go` on with. says: where each
    line goes as soon as it is there. No code of the item's runs before the first has been said.
    """

    def say(message: dict) -> None:
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[says.write(line) :]

    job = json.loads(told.readline())
    files = [(name, told.read(size)) for name, size in job["files"]]
    surveys, found = _read(files, job["names"])
    say({"files": surveys, "found": {name: _as_told(one) for name, one in found.items()}})
    go = told.readline()
    if not go:  # there was nothing to run
        return
    go = json.loads(go)
    for name in go["run"]:
        outcome = _run(found[name], asked.everything()[name], go["seed"], limits.result)
        say({"name": name, **outcome})


def _read(files: list[tuple[str, bytes]], names: list[str]) -> tuple[list, dict]:
    """What `wire.reading` expects of the files, and what was found for each name.

    What the answers may import or read is put into the current folder.
    """
    exercises, surveys, notebooks = asked.everything(), [], []
    for name, content in files:
        filled, holes = [], []
        try:
            notebook = reading.read(name, content)
            filled, holes = answers.defined(notebook, exercises)
        except Exception as error:  # such as RecursionError: whatever Python's own parser may raise
            why = f"Its code is nested too deeply to be read ({type(error).__name__})."
            notebook = reading.Notebook(name, (), why)
        notebooks.append(notebook)
        surveys.append((name, notebook.problem, filled, holes))
    problems = [notebook.problem for notebook in notebooks]
    if problems and all(problems):
        unread = answers.Found("error", notebook=files[-1][0], remark=problems[-1])
        return surveys, dict.fromkeys(names, unread)
    sys.path.insert(0, os.getcwd())
    for name, text in answers.companions(notebooks).items():
        with contextlib.suppress(OSError), open(name, "w", encoding="utf-8") as file:
            file.write(text)
    kinds = {name: exercises[name].kind for name in names}
    return surveys, answers.find(notebooks, kinds, asked.lessons())


def _as_told(found: answers.Found) -> tuple[str, str, str, str]:
    code = hashlib.sha256(f"{found.program}\0{found.expression}".encode()).hexdigest()[:16]
    code = code if found.status == "answer" else ""
    return found.status, code, found.notebook, found.remark


def _run(found: answers.Found, exercise: asked.Asked, seed: int, most: int) -> dict:
    try:
        filled = running.load(found.program, found.expression, answers.GIVEN)
    except BaseException as error:  # whatever it was, the next exercise can still be run
        return {"broken": wire.pack(_failure(error))}
    try:
        if holes.is_hole(filled):
            return {"hole": True}
        return {"outcomes": wire.encode(running.run(exercise, filled, seed), most)}
    except BaseException as error:
        return {"outcomes": wire.encode([running.Outcome(failure=_failure(error))], most)}


def _failure(error: BaseException) -> running.Failure:
    with contextlib.suppress(BaseException):  # its __str__ may raise, too
        return running.describe_failure(error)
    return running.Failure("Exception", "an error that cannot be described")


def once() -> None:
    """Be the only child: a request and what follows on standard input, lines on standard output.

    An empty line comes first: torch is loaded, and the time that the answers take begins.
    """
    told, says = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    says.write(b"\n")
    null = os.open(os.devnull, os.O_RDWR)
    request = json.loads(told.readline())
    for standard in range(3):
        os.dup2(null, standard)
    limits = sandbox.Limits(**request["limits"])
    os.chdir(request["scratch"])
    sandbox.limit(limits, 0, request["exercises"])
    _clean_environment(request["scratch"])
    answer(told, says, limits)
    os._exit(0)


def warm_up() -> None:
    """Load what torch loads at the first use, on one thread: forked threads would be missing."""
    torch.set_num_threads(1)
    asked.everything()  # what is asked, read once for all
    w = torch.zeros(2, 2, requires_grad=True)
    optimizer = torch.optim.Adam([w])
    (w @ w).sum().backward()
    optimizer.step()


if __name__ == "__main__":
    warm_up()
    if len(sys.argv) == 1:
        once()
    else:
        try:
            be_template(socket.socket(fileno=int(sys.argv[1])))
        finally:
            sandbox.remove(sys.argv[2])
        os._exit(0)  # whoever stops the grading waits for this: unloading torch takes its time
