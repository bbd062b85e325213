"""Start and end the processes that answers run in: a template, warm ones, and children.

`warm` is the other side of all three. The template loads torch once; warm processes are forked from
it, one for each child that runs at a time; a child is forked from one of those for each item.
"""

import atexit
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

from nnlib.trial import sandbox
from nnlib.trial.sandbox import Limits

TRIES = 3  # a warm process may have been ended from outside; its template, too


@dataclass
class Child:
    """A process that reads files and runs answers.

    stream: what it says. send(bytes) is what it is told. stop() ends it, and all that it started,
    and gives its exit code, or None if the process that watched it is gone.
    """

    pid: int
    stream: object
    send: object
    stop: object

    def cpu_seconds(self) -> float:
        """The processor time that it has used; 0 where the system does not say."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # it has just ended
                return time.clock_gettime(~self.pid << 3 | 2)  # CPUCLOCK_SCHED of a process
        return 0.0


def start(exercises: int, limits: Limits, isolation: str) -> Child:
    """A new child, which may take the processor time of so many exercises."""
    request = {"exercises": exercises, "limits": dataclasses.asdict(limits)}
    if isolation in sandbox.OPEN and sys.platform == "linux":
        sandbox.hide_memory()  # the answer may find this process, which is its own user's
    return _start_fresh(request) if isolation == "none" else _start_forked(request, isolation)


def _start_forked(request: dict, isolation: str) -> Child:
    """A child of a warm process."""
    for attempt in range(TRIES):
        try:
            warm, pid, ours = _fork(request, isolation)
            break
        except OSError:
            close_idle()
            if attempt == TRIES - 1:
                raise
    stream = ours.makefile("rb")

    def send(content: bytes) -> None:
        with contextlib.suppress(OSError):  # it has died already; how, `stop` will say
            ours.sendall(content)

    def stop() -> int | None:
        code = None
        try:
            code = warm.stop()
            _give_back(warm)
        except OSError:
            warm.close()
        with contextlib.suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)  # whoever still reads comes to the end
        stream.close()
        ours.close()
        return code

    return Child(pid, stream, send, stop)


class _Template:
    """The other side of `warm.be_template`: the process that has loaded torch, for all the rest."""

    def __init__(self):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(300)  # the first reply waits until torch is loaded
        with theirs:
            number = theirs.fileno()
            self.folder = tempfile.mkdtemp(prefix="nnlib-trial-")
            options = {"pass_fds": [number], "stdin": subprocess.DEVNULL}
            self.process = _python(self.folder, [str(number), self.folder], **options)

    def fork(self, isolation: str, theirs: socket.socket) -> int:
        socket.send_fds(self.control, [isolation.encode()], [theirs.fileno()])
        if not (pid := self.control.recv(100)):
            raise OSError("the process that warm ones are forked from has ended")
        return int(pid)

    def close(self) -> None:
        self.control.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if os.path.exists(self.folder):  # it did not come to its end
            sandbox.remove(self.folder)


class _Warm:
    """The other side of `warm.serve`."""

    def __init__(self, isolation: str, template: _Template):
        self.isolation = isolation
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(120)
        with theirs:
            self.pid = template.fork(isolation, theirs)

    def fork(self, request: dict, theirs: socket.socket) -> int:
        socket.send_fds(self.control, [json.dumps(request).encode()], [theirs.fileno()])
        return self._reply()["pid"]

    def stop(self) -> int:
        self.control.send(b"stop")
        return self._reply()["code"]

    def _reply(self) -> dict:
        message = self.control.recv(1000)
        if not message:
            raise OSError("the warm process has ended")
        return json.loads(message)

    def close(self) -> None:
        """Hang up, and wait until it has ended: then its side of the socket is closed, too."""
        with self.control, contextlib.suppress(OSError):
            self.control.settimeout(10)
            try:
                self.control.shutdown(socket.SHUT_WR)
                while self.control.recv(1000):
                    pass
            except TimeoutError:
                os.kill(self.pid, signal.SIGKILL)


def _python(folder: str, arguments: list[str], **options) -> subprocess.Popen:
    """A Python of its own with `warm` as its program, and next to nothing in its environment.

    folder: for its temporary files.
    """
    system = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    # Which instructions to compute with: by others, the same seed draws slightly other inputs.
    instructions = ("ATEN_CPU_CAPABILITY", "MKL_CBWR")
    environment = {
        name: os.environ[name] for name in (*system, *instructions) if name in os.environ
    }
    environment |= {"TMPDIR": folder, "TEMP": folder}
    # One thread each: forked children would lack the others, and wait for them for ever.
    for library in ("OMP", "OPENBLAS", "MKL"):
        environment[f"{library}_NUM_THREADS"] = "1"
    code = f"import runpy, sys; sys.path.insert(0, {str(sandbox.COURSE)!r})\n"
    code += "runpy.run_module('nnlib.trial.warm', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-I", "-c", code, *arguments]
    # A session of its own: Ctrl-C is for the grader, which then ends its children.
    return subprocess.Popen(command, env=environment, start_new_session=True, **options)


templates: list[_Template] = []  # one, as soon as it is needed
idle: list[_Warm] = []
_lock = threading.Lock()


def begin() -> None:
    """Start to load torch in the template, so that it does while the caller does the same."""
    with _lock:
        if sandbox.isolation() != "none" and not templates:
            templates.append(_Template())


def _take(isolation: str) -> _Warm:
    with _lock:
        for warm in idle:
            if warm.isolation == isolation:
                idle.remove(warm)
                return warm
        if not templates:
            templates.append(_Template())
        try:
            return _Warm(isolation, templates[0])
        except OSError:
            templates.pop().close()
            raise


def _give_back(warm: _Warm) -> None:
    with _lock:
        idle.append(warm)


def _fork(request: dict, isolation: str) -> tuple[_Warm, int, socket.socket]:
    """A warm process, its new child's number, and the socket to the child. May raise OSError."""
    warm = _take(isolation)
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            return warm, warm.fork(request, theirs), ours
        except OSError:
            warm.close()
            ours.close()
            raise


def close_idle() -> None:
    """End the warm processes that wait for work."""
    with _lock:
        while idle:
            idle.pop().close()


@atexit.register
def close() -> None:
    """End every process that waits for work."""
    close_idle()
    with _lock:
        while templates:
            templates.pop().close()


if hasattr(os, "register_at_fork"):  # a forked worker must not talk to its parent's processes
    os.register_at_fork(after_in_child=idle.clear)
    os.register_at_fork(after_in_child=templates.clear)


def _start_fresh(request: dict) -> Child:
    """A new process for this item alone, where the system has nothing better."""
    scratch = tempfile.mkdtemp(prefix="nnlib-trial-")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = _python(scratch, [], **pipes)

    def send(content: bytes) -> None:
        with contextlib.suppress(OSError):
            process.stdin.write(content)
            process.stdin.flush()

    def stop() -> int:
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)  # how it ends by itself says more
        _end_group(process)
        code = process.wait()
        with contextlib.suppress(OSError):
            sandbox.remove(scratch)
        return code

    send(json.dumps(request | {"scratch": scratch}).encode() + b"\n")
    process.stdout.readline()  # torch is loaded
    return Child(process.pid, process.stdout, send, stop)


def _end_group(process: subprocess.Popen) -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
