"""Lock a process in: what a stranger's code may use, see and leave behind.

Each system offers something else, so `isolation` finds out what works here, and everything else is
told which of these to use:

- ``"landlock+namespaces"``: no file but Python's own and a scratch folder in memory, no network, no
  other process in sight, every descendant ended with it;
- ``"landlock"`` or ``"namespaces"``: one half of that, where the system forbids the other;
- ``"limits only"``: limits on time, memory, files and processes, nothing hidden;
- ``"none"``: a fresh process, with such limits as there are. Not Linux.

Plain `ctypes`: Python has no functions for most of this. Numbers are those of <linux/*.h>, which
are the same on all 64-bit machines that torch runs on.
"""

import contextlib
import ctypes
import functools
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LEVELS = ("landlock+namespaces", "landlock", "namespaces", "limits only", "none")
"""From best to worst."""

OPEN = LEVELS[-2:]
"""With these an answer can read and write whatever the grader's user can: no isolation at all."""

NOBODY = 65534
"""The user that answers run as when the grader is root: root has no limit on processes."""

NOT_ISOLATED = 71
"""The exit code of a child that could not be locked in, and so ran nothing."""

COURSE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Limits:
    """What an answer may use. Times are seconds, sizes are bytes.

    cpu, wall: for each exercise, and for reading the files. memory: on top of what the process has
    when it starts. scratch: all files that it writes. processes: with their threads. result: what
    one exercise may report. files, total: one item's files, and the wall time for all its answers.
    """

    cpu: float = 10
    wall: float = 30
    memory: int = 2**30
    scratch: int = 64 * 2**20
    processes: int = 4
    result: int = 8 * 2**20
    files: int = 40 * 2**20
    total: float = 120


@functools.cache
def isolation() -> str:
    """The best level that this system offers, found by trying, in a process of its own."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return "none"
    code = f"import sys; sys.path.insert(0, {str(COURSE)!r})\n"
    code += "from nnlib.trial import sandbox; print(sandbox.try_levels())"
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def try_levels() -> str:
    """The first level at which a child gets through all of it. Leaves no process behind."""

    def locked_in(level, scratch):
        lock_in(level, scratch, Limits(), 1)
        Path("here").write_text("it can write here")
        Path(contextlib.__file__).read_bytes()  # and read Python's own modules

    def prepared(level):
        with tempfile.TemporaryDirectory(prefix="nnlib-trial-") as scratch:
            init = enter(level)
            if not _works(locked_in, level, scratch):
                raise OSError(f"{level} does not work here")
            sweep(init)

    return next((level for level in LEVELS[:-1] if _works(prepared, level)), "none")


def _works(function, *arguments) -> bool:
    """Whether a call gets through, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(Exception):
            function(*arguments)
            code = 0
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


# -- what the warm process does once, for all its children ----------------------------------------


def enter(level: str) -> socket.socket | None:
    """Prepare the calling process, which must have one thread, to have locked-in children.

    With namespaces: it gets a user namespace and a network with nothing in it, and its children a
    process namespace, whose first process ends every other one on request: see `sweep`.
    Without: orphans of its children become its own children, so that it can find and end them.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if "namespaces" not in level:
        return None
    _unshare_user()
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        _be_init(theirs)
    theirs.close()
    return ours


def _unshare_user() -> None:
    """Namespaces for users, network and the children's processes; who is who in the first."""
    ready, go = os.pipe()
    me, uid, gid = os.getpid(), os.getuid(), os.getgid()
    helper = os.fork()  # a process cannot give itself more than one user
    if helper == 0:
        code = 1
        with contextlib.suppress(OSError):
            os.close(go)
            os.read(ready, 1)
            both = f"0 0 1\n{NOBODY} {NOBODY} 1"
            if uid:
                Path(f"/proc/{me}/setgroups").write_text("deny")
            Path(f"/proc/{me}/uid_map").write_text(f"{uid} {uid} 1" if uid else both)
            Path(f"/proc/{me}/gid_map").write_text(f"{gid} {gid} 1" if uid else both)
            code = 0
        os._exit(code)
    try:
        _libc_call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWPID)
    finally:
        os.close(ready)
        os.close(go)  # which wakes the helper
        status = os.waitpid(helper, 0)[1]
    if status:
        raise OSError("the users of the new namespace could not be set")


def _be_init(requests: socket.socket) -> None:
    """The first process of the namespace: when it ends, so does every other in there."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.closerange(0, requests.fileno())
    os.closerange(requests.fileno() + 1, 1024)
    while requests.recv(1):
        with contextlib.suppress(ProcessLookupError):  # raised when nobody is left
            while True:
                os.kill(-1, signal.SIGKILL)  # everyone that this process can see, but itself
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(-1, 0)
        requests.send(b".")
    os._exit(0)


def sweep(init: socket.socket | None) -> None:
    """End every process that a dead child has left behind. `init` is what `enter` returned."""
    if init:
        init.settimeout(10)
        init.send(b".")
        if not init.recv(1):
            raise OSError("the first process of the namespace is gone")
        return
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while left := children.read_text().split():
        for pid in map(int, left):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


# -- what each child does to itself ---------------------------------------------------------------


def lock_in(level: str, scratch: str, limits: Limits, exercises: int) -> None:
    """Lock the calling process in, for good. It must be a child of one that called `enter`.

    scratch: an empty folder, the only place that it may write to; it becomes the current one.
    exercises: how many of them it will run, which gives its processor time in all.
    Raises OSError where the system does not let it: then nothing may be run.
    """
    os.umask(0o077)
    if level != "none":
        os.setsid()  # signals to "my group" must not reach the grader
    if "namespaces" in level:
        _mount_scratch(scratch, limits.scratch)
    elif level != "none" and os.getuid() == 0:
        os.chown(scratch, NOBODY, NOBODY)
    os.chdir(scratch)
    size = _address_space()
    if "landlock" in level:
        _landlock(scratch)
    if level != "none":
        _become_nobody()
    _limit(limits, size, exercises)


def _mount_scratch(scratch: str, size: int) -> None:
    """Put a file system in memory over the folder, seen by this process and its children only."""
    _libc_call("unshare", _CLONE_NEWNS | _CLONE_NEWIPC)
    owner = os.getuid() or NOBODY
    group = os.getgid() or NOBODY
    options = f"size={size},nr_inodes=1000,mode=700,uid={owner},gid={group}"
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _libc_call("mount", b"scratch", scratch.encode(), b"tmpfs", flags, options.encode())
    # Shared memory outlives what counts it: allow none, where this kernel lets a namespace choose.
    with contextlib.suppress(OSError):
        Path("/proc/sys/kernel/shmmni").write_text("0")


def _become_nobody() -> None:
    """Give up root, and what a new user namespace gives."""
    keep = 0
    if os.getuid() == 0:
        # Python may be installed in a folder that only root can enter: keep the right to read.
        on_the_way = Path(sysconfig.get_path("stdlib")).resolve().parents
        if not all(os.stat(folder).st_mode & 0o001 for folder in on_the_way):
            keep = 1 << _CAP_DAC_READ_SEARCH
        _prctl(_PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _libc_call("capset", header, struct.pack("6I", keep, keep, 0, 0, 0, 0))


def _address_space() -> int:
    """The bytes of address space that this process has, or 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _limit(limits: Limits, size: int, exercises: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    cpu = time.process_time() + limits.cpu * exercises
    wanted = {
        "RLIMIT_CPU": int(cpu) + 2,
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": limits.scratch,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
    }
    if size:
        wanted["RLIMIT_AS"] = size + limits.memory
    for name, most in wanted.items():
        if hasattr(resource, name):
            hard = resource.getrlimit(getattr(resource, name))[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            # Of processor time's two limits the first is a signal that tells what it is about.
            soft = most - 1 if name == "RLIMIT_CPU" else most
            resource.setrlimit(getattr(resource, name), (soft, most))


# -- landlock -------------------------------------------------------------------------------------


def _landlock(scratch: str) -> None:
    """Forbid every file but those of `readable`, and the scratch folder."""
    version = _syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1)
    rights = _FILE_RIGHTS_SINCE[min(version, max(_FILE_RIGHTS_SINCE))]
    network = 0b11 if version >= 4 else 0  # bind and connect of TCP
    scopes = 0b11 if version >= 6 else 0  # abstract sockets and signals stay in here
    attributes = struct.pack("QQQ", rights, network, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _syscall(_LANDLOCK_CREATE_RULESET, attributes, size, 0)
    for path in readable():
        of_a_folder = _READ_FILE | _READ_DIR if os.path.isdir(path) else _READ_FILE
        _allow(rules, path, of_a_folder)
    _allow(rules, "/dev/null", _READ_FILE | _WRITE_FILE)
    _allow(rules, scratch, rights & ~_EXECUTE)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _syscall(_LANDLOCK_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    _syscall(_LANDLOCK_ADD_RULE, rules, 1, struct.pack("=Qi", rights, place), 0)
    os.close(place)


@functools.cache
def readable() -> tuple[str, ...]:
    """What an answer may read: Python, its packages, system libraries, what learners import.

    Nothing in there is the exercises or the course tools, wherever nnlib is installed.
    """
    nnlib = COURSE / "nnlib"
    rooms = ("exercises/known", "exercises/catalog.py", "course", "trial", "grading", "commands")
    secret = tuple(nnlib / room for room in rooms)
    folders = {Path(sysconfig.get_path("stdlib")).parent}
    folders |= {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
    folders |= {Path(name) for name in ("/lib", "/lib64", "/usr/lib", "/usr/lib64")}
    folders |= {Path("/usr/local/lib"), Path("/etc/ld.so.cache"), nnlib}
    folders |= {Path("/dev/urandom"), Path("/dev/zero")}
    return tuple(sorted(map(str, _without(secret, filter(Path.exists, folders)))))


def _without(secret: tuple[Path, ...], folders) -> set[Path]:
    """The folders, but where one holds a secret one, all that lies beside that instead."""
    found, waiting = set(), [folder.resolve() for folder in folders]
    while waiting:
        path = waiting.pop()
        if any(path in folder.parents for folder in secret):
            waiting += path.iterdir()
        elif path not in secret:
            found.add(path)
    return found


# -- removing what is left ------------------------------------------------------------------------


def remove(folder: str) -> None:
    """Remove a folder and all in it, also where its owner has forbidden that."""

    def force(function, path, _):
        os.chmod(os.path.dirname(path), 0o700)
        os.chmod(path, 0o700)
        if function in (os.open, os.scandir, os.lstat):
            shutil.rmtree(path)
        else:
            function(path)

    shutil.rmtree(folder, onerror=force)


# -- the kernel -----------------------------------------------------------------------------------

_CLONE_NEWNS, _CLONE_NEWIPC = 0x00020000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 8, 36, 38
_CAPABILITY_VERSION_3, _CAP_DAC_READ_SEARCH = 0x20080522, 2
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILE_RIGHTS_SINCE = {  # landlock's version -> all rights to files that it knows
    1: 2**13 - 1,
    2: 2**14 - 1,
    3: 2**15 - 1,
    4: 2**15 - 1,
    5: 2**16 - 1,
}


@functools.cache
def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _libc_call(name: str, *arguments) -> int:
    result = getattr(_libc(), name)(*(_long(argument) for argument in arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _syscall(*arguments) -> int:
    return _libc_call("syscall", *arguments)


def _prctl(option: int, value: int) -> None:
    _libc_call("prctl", option, value, 0, 0, 0)


def _long(argument):
    """An int as the C type `long`: where a number's type is not declared, it would be cut off."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
