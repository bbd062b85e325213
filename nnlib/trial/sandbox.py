"""Lock a process in: what a stranger's code may use, see and leave behind.

Each system offers something else, so `isolation` finds out what works here, and everything else is
told which of these to use:

- ``"landlock+namespaces"``: a world of its own: a root with Python's own files in it, read-only,
  and a scratch folder in memory; no network, no other process; and no right to any other file;
- ``"landlock"`` or ``"namespaces"``: one half of that, where the system forbids the other;
- ``"limits only"``: limits on time, memory, files and processes, nothing hidden;
- ``"none"``: a fresh process, with such limits as there are. Not Linux.

In all but the last a filter (seccomp) leaves it only the system calls that computing needs: it
starts no process or program, opens no socket, mounts nothing, shares no memory, signals nobody. So
what it may use, one process uses, and that can be limited. Where the filter cannot be had, the
level's name ends in ``" without filter"``.

Plain `ctypes` where Python has no function. Numbers are those of <linux/*.h>, which are the same on
all 64-bit machines that torch runs on.
"""

import contextlib
import ctypes
import errno
import functools
import os
import platform
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

with contextlib.suppress(ImportError, RuntimeError):  # not on Linux; or without libseccomp
    import pyseccomp

_LEVELS = ("landlock+namespaces", "landlock", "namespaces", "limits only")
WITHOUT_FILTER = " without filter"
LEVELS = (*_LEVELS, *(level + WITHOUT_FILTER for level in _LEVELS), "none")
"""From best to worst."""

OPEN = LEVELS[LEVELS.index("limits only") :]
"""Not isolated: an answer can read what the grader's user can, or has all of the kernel to try."""

NOBODY = 65534
"""The user that answers run as when the grader is root: root has no limit on processes."""

_SCRATCH = "/scratch"  # in a world of its own

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

    def locked_in(place):
        place.lock_in(Limits(), 1)
        Path("here").write_text("it can write here")
        Path(contextlib.__file__).read_bytes()  # and read Python's own modules

    def prepared(level, folder):
        place = enter(level, folder)
        place.prepare()
        if not _works(locked_in, place):
            raise OSError(f"{level} does not work here")
        place.clear()

    with tempfile.TemporaryDirectory(prefix="nnlib-trial-") as folder:
        return next((level for level in LEVELS[:-1] if _works(prepared, level, folder)), "none")


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


def enter(level: str, folder: str) -> "Place":
    """Prepare the calling process, which must have one thread, to have locked-in children.

    folder: for temporary files. With namespaces: the process gets a user namespace, a network with nothing
    in it and a root of its own, and its children a process namespace, whose first process ends every
    other one on request. Without: orphans of its children become its own children, so that it can
    find and end them.
    """
    has_filter = not level.endswith(WITHOUT_FILTER)
    compiled = _compiled_filter("namespaces" in level) if has_filter else b""
    size = _address_space()  # now: in the new root there is no /proc to say it
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    init = None
    if "namespaces" in level:
        _prctl(_PR_SET_DUMPABLE, 1)  # so that who is who can be written into its /proc
        _unshare_user()
        _move_into_world(folder)
        init = _start_init()
    hide_memory()
    return Place(level, folder, size, init, compiled)


@dataclass
class Place:
    """Where the children of a process that called `enter` are locked in, one after the other.

    size: the address space that they start with, or 0. init: for requests to the first process of
    their namespace, if they have one. filter: the calls that they are left, or b"" for all.
    """

    level: str
    folder: str
    size: int
    init: socket.socket | None
    filter: bytes
    scratch: str = _SCRATCH

    def prepare(self) -> None:
        """Make room for the next child."""
        if self.init is None:
            self.scratch = tempfile.mkdtemp(prefix="scratch-", dir=self.folder)

    def clear(self) -> None:
        """End every process that a dead child has left behind, and remove its files."""
        if self.init:
            self.init.settimeout(10)
            self.init.send(b".")
            if not self.init.recv(1):
                raise OSError("the first process of the namespace is gone")
            return
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while left := children.read_text().split():
            for pid in map(int, left):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        remove(self.scratch)

    def is_overfull(self, limits: Limits) -> bool:
        """Whether the child's files take more than they may, where no file system sees to that."""
        if self.init:
            return False
        files = (
            os.path.join(folder, n) for folder, _, names in os.walk(self.scratch) for n in names
        )
        total = 0
        for file in files:
            with contextlib.suppress(OSError):  # it has just been removed
                total += os.lstat(file).st_blocks * 512
        return total > limits.scratch

    def lock_in(self, limits: Limits, exercises: int) -> None:
        """Lock the calling process in, for good. It must be a child of the one that entered.

        exercises: how many of them it will run, which gives its processor time in all. The scratch
        folder, the only place that it may write to, becomes its current one. Raises OSError where
        the system does not let it: then nothing may be run.
        """
        os.umask(0o077)
        os.setsid()  # signals to "my group" must not reach the grader
        # Where nobody else can read Python, root stays, without a right that others lack.
        stays_root = "landlock" in self.level and self.init is None and _only_root_reads_python()
        becomes_nobody = os.getuid() == 0 and not stays_root
        if self.init:
            _mount_scratch(self.scratch, limits.scratch)
        elif becomes_nobody:
            os.chown(self.scratch, NOBODY, NOBODY)
        os.chdir(self.scratch)
        if "landlock" in self.level:
            _landlock(self.scratch, ("/",) if self.init else readable())
        if becomes_nobody:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        _drop_capabilities()
        limit(limits, self.size, exercises)
        if self.filter:
            _apply(self.filter)


def hide_memory() -> None:
    """Let no other process of the same user look into the calling one."""
    _prctl(_PR_SET_DUMPABLE, 0)


def _move_into_world(folder: str) -> None:
    """Make a new root, of what is `readable` and a place for the scratch folder, and go there."""
    os.umask(0o022)
    _libc_call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    options = b"size=4m,nr_inodes=10000,mode=755"
    _libc_call("mount", b"world", folder.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options)
    os.mkdir(folder + _SCRATCH)
    for path in (*readable(), "/dev/null"):
        place = folder + path
        if os.path.isdir(path):
            os.makedirs(place, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            Path(place).touch()
        _libc_call("mount", path.encode(), place.encode(), None, _MS_BIND | _MS_REC, None)
    read_only = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID, 0, 0, 0)
    os.chdir(folder)
    _syscall(_MOUNT_SETATTR, _AT_FDCWD, b".", _AT_RECURSIVE, read_only, len(read_only))
    _syscall(_PIVOT_ROOT[platform.machine()], b".", b".")
    _libc_call("umount2", b".", _MNT_DETACH)  # the old root, which lies over the new one
    os.chdir("/")


def _unshare_user() -> None:
    """Namespaces for users, network, mounts and the children's processes; who is who in them."""
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
        _libc_call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWPID | _CLONE_NEWNS)
    finally:
        os.close(ready)
        os.close(go)  # which wakes the helper
        status = os.waitpid(helper, 0)[1]
    if status:
        raise OSError("the users of the new namespace could not be set")


def _start_init() -> socket.socket:
    """Start the first process of the children's namespace; the socket is for requests to it."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        _be_init(theirs)
    theirs.close()
    return ours


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


# -- what each child does to itself ---------------------------------------------------------------


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


def _only_root_reads_python() -> bool:
    """Whether Python lies in a folder that only root can enter."""
    on_the_way = Path(sysconfig.get_path("stdlib")).resolve().parents
    return not all(os.stat(folder).st_mode & 0o001 for folder in on_the_way)


def _drop_capabilities() -> None:
    """Give up what root, or a new user namespace, has given; for good."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _libc_call("capset", header, bytes(24))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _address_space() -> int:
    """The bytes of address space that this process has, or 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def limit(limits: Limits, size: int, exercises: int) -> None:
    """Set the limits that the system has. size: the address space that is taken already, or 0."""
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


def _landlock(scratch: str, open_to_read: tuple[str, ...]) -> None:
    """Forbid every file but those that are open to read, with what is in them, and the scratch."""
    version = _syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1)
    rights = _FILE_RIGHTS_SINCE[min(version, max(_FILE_RIGHTS_SINCE))]
    network = 0b11 if version >= 4 else 0  # bind and connect of TCP
    scopes = 0b11 if version >= 6 else 0  # abstract sockets and signals stay in here
    attributes = struct.pack("QQQ", rights, network, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _syscall(_LANDLOCK_CREATE_RULESET, attributes, size, 0)
    for path in open_to_read:
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
    folders |= {Path(n) for n in sys.path if n.endswith(("site-packages", "dist-packages"))}
    folders |= {Path(name) for name in ("/lib", "/lib64", "/usr/lib", "/usr/lib64")}
    folders |= {Path("/usr/local/lib"), Path("/etc/ld.so.cache"), nnlib, COURSE / "datasets"}
    folders |= {Path("/dev/urandom"), Path("/dev/zero")}
    folders = set(filter(Path.exists, folders))
    found = without(secret, folders)
    found |= {folder for folder in folders if folder.resolve() in found}  # /lib is /usr/lib, say
    return tuple(sorted(map(str, found)))


def without(secret: tuple[Path, ...], folders) -> set[Path]:
    """The folders, but where one holds a secret one, all that lies beside that instead."""
    found, waiting = set(), [folder.resolve() for folder in folders]
    while waiting:
        path = waiting.pop()
        if any(path in folder.parents for folder in secret):
            waiting += path.iterdir()
        elif path not in secret:
            found.add(path)
    return found


# -- the filter of system calls -------------------------------------------------------------------

_ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile
    copy_file_range close close_range dup dup2 dup3 pipe pipe2 eventfd2 flock
    open openat openat2 creat stat lstat fstat newfstatat statx access faccessat faccessat2
    readlink readlinkat getdents getdents64 getcwd chdir fchdir statfs fstatfs umask
    truncate ftruncate fallocate fsync fdatasync sync_file_range fadvise64
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
    mmap munmap mremap mprotect madvise brk msync mincore membarrier get_mempolicy
    futex futex_waitv set_robust_list get_robust_list rseq set_tid_address exit exit_group
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack
    kill tkill tgkill restart_syscall pause alarm setitimer getitimer
    getpid gettid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp
    getpgid getsid getpriority getrlimit setrlimit getrusage times uname sysinfo capget
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrandom getcpu
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min arch_prctl wait4 waitid
""".split()
"""What a computation on numbers and files needs, and Python, numpy and torch for it."""

_ALLOWED_IN_A_WORLD = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "utime", "utimes", "utimensat", "futimesat"),
)
"""What landlock has no word on, and would do to any file of the same user's."""

_CLONE_THREAD = 0x10000
_ALLOWED_WITH = (  # the name of a call, which of its arguments, and what that may be
    ("fcntl", 1, (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)),  # duplicates, flags, locks
    ("ioctl", 1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),  # a terminal? close on exec
    ("prctl", 0, (15, 16)),  # a thread's name
    ("prlimit64", 0, (0,)),  # its own limits
)
"""What may be asked of files and of itself: nothing that sends signals or reaches a device."""


def _compiled_filter(has_world: bool) -> bytes:
    """The filter as a program for the kernel: to make it takes longer than to start a child."""
    calls = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))

    def allow(name, *condition):
        with contextlib.suppress(OSError):  # this machine has no such call
            calls.add_rule(pyseccomp.ALLOW, name, *condition)

    for name in (*_ALLOWED, *(_ALLOWED_IN_A_WORLD if has_world else ())):
        allow(name)
    for name, position, values in _ALLOWED_WITH:
        for value in values:
            allow(name, pyseccomp.Arg(position, pyseccomp.EQ, value))
    allow("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    # Its flags lie in memory, where no filter looks; C goes back to `clone` where there is none.
    calls.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        calls.export_bpf(file)
        file.seek(0)
        return file.read()


def _apply(compiled: bytes) -> None:
    """Leave the calling process only the system calls of the filter, and signals to itself."""
    signals = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("kill", "tkill", "tgkill"):
        somebody_else = pyseccomp.Arg(0, pyseccomp.NE, os.getpid())
        signals.add_rule(pyseccomp.ERRNO(errno.EPERM), name, somebody_else)
    signals.load()
    code = ctypes.create_string_buffer(compiled, len(compiled))
    program = struct.pack("HxxxxxxP", len(compiled) // 8, ctypes.addressof(code))
    _libc_call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)


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
_MS_BIND, _MS_REC, _MS_PRIVATE, _MNT_DETACH = 0x1000, 0x4000, 0x40000, 2
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID = 1, 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_CAPABILITY_VERSION_3 = 0x20080522
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
