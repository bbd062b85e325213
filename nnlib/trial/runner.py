"""Run answers that strangers wrote, within limits, and judge them outside of where they run.

`nnlib check`, `nnlib progress` and `nnlib grade` all come here. Files are read, and answers run, in
a child alone (`warm`, locked in by `sandbox`); `processes` starts and ends it; what it says comes
as `wire` has it, and `judge` makes verdicts of that.
"""

import contextlib
import itertools
import os
import queue
import signal
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from nnlib.checking.exercise import Verdict
from nnlib.trial import judge, processes, sandbox, wire
from nnlib.trial.judge import File, Item, Row
from nnlib.trial.sandbox import Limits

TO_AN_EXECUTOR = 10  # items at a time: a cluster spends some milliseconds on every task
TRIES = 3  # for an answer whose process is ended from outside


@dataclass(frozen=True)
class Survey:
    """What a file holds: the exercises it answers, those it leaves open, or why it can't be read."""

    name: str
    problem: str = ""
    answers: tuple[str, ...] = ()
    holes: tuple[str, ...] = ()


def survey(
    files: Iterable[File], limits: Limits | None = None, isolation: str | None = None
) -> list[Survey]:
    """What each file holds; runs none of it. Each is read in a child of its own."""
    return [_survey(file, limits or Limits(), isolation or sandbox.isolation()) for file in files]


def _survey(file: File, limits: Limits, isolation: str) -> Survey:
    task = _Task(Item(file.name, (file,), (), 0), limits, isolation)
    task.run()
    return task.surveys[0] if task.surveys else Survey(file.name, task.problem)


def grade_one(
    item: Item,
    limits: Limits | None = None,
    isolation: str | None = None,
    known: Collection[str] = (),
) -> list[Row]:
    """One row for each exercise of the item, in order; never raises for what is in the item.

    limits, isolation: other than the default `Limits` and the best isolation there is. known:
    values of `Row.program`; such an answer is not run, and its row says so.
    """
    limits, isolation = limits or Limits(), isolation or sandbox.isolation()
    task = _Task(item, limits, isolation, known)
    try:
        task.run()
    except Exception as error:  # nothing of an item may stop the run: the others want their rows
        task.problem = f"The grader failed on it ({type(error).__name__}). Tell your instructor."
    return task.rows()


def grade_several(
    items: list[Item], limits: Limits | None = None, isolation: str | None = None
) -> list[list[Row]]:
    """`grade_one` for each item: what an executor is given at a time."""
    return [grade_one(item, limits, isolation) for item in items]


def grade_many(
    items: Iterable[Item],
    executor: Executor | None = None,
    processes: int | None = None,
    limits: Limits | None = None,
    isolation: str | None = None,
    known: Collection[str] = (),
) -> Iterator[list[Row]]:
    """The rows of each item, as they complete: see `grade_one`.

    executor: any `concurrent.futures.Executor`, such as a cluster's; items whose worker dies are
    graded again, on this machine. Without one, `processes` answers run at a time on this machine;
    one for each processor by default.
    """
    if executor is None:
        return _here(iter(items), processes or _processors(), limits, isolation, known)
    return _elsewhere(iter(items), executor, limits, isolation)


def _here(items, count: int, limits, isolation, known) -> Iterator[list[Row]]:
    threads = ThreadPoolExecutor(count, "grading")  # each waits for a process
    running: set[Future] = set()
    try:
        while True:
            for item in itertools.islice(items, 2 * count - len(running)):
                running.add(threads.submit(grade_one, item, limits, isolation, known))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:  # also when the caller stops early: what is running then ends at once
        for future in running:
            future.cancel()
        if running:
            _stopping.set()
        threads.shutdown(wait=True)
        _stopping.clear()
        processes.close_idle()


def _elsewhere(items, executor: Executor, limits, isolation) -> Iterator[list[Row]]:
    running: dict[Future, list[Item]] = {}
    try:
        while True:
            while len(running) < 200 and (some := list(itertools.islice(items, TO_AN_EXECUTOR))):
                running[executor.submit(grade_several, some, limits, isolation)] = some
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                some = running.pop(future)
                # The only errors are those of the executor: `grade_one` has none of its own.
                died = future.exception() is not None
                yield from grade_several(some, limits, isolation) if died else future.result()
    finally:
        for future in running:
            future.cancel()
        processes.close_idle()


_stopping = threading.Event()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Ended(Exception):
    """The child's run is over; the text, a sentence for the student, says why."""


class _Task:
    """An item on its way to its rows."""

    def __init__(self, item: Item, limits: Limits, isolation: str, known: Collection[str] = ()):
        self.item, self.limits, self.isolation, self.known = item, limits, isolation, known
        self.until = time.monotonic() + limits.total
        self.problem = item.problem or _too_much(item, limits)  # for all that has no verdict
        self.surveys: list[Survey] = []
        self.is_read, self.tries = False, TRIES
        self.found: dict[str, wire.Found] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.seconds: dict[str, float] = {}
        names = dict.fromkeys(item.exercises)
        self.left = [name for name in names if judge.exists(name)]
        self.verdicts |= {name: judge.unknown(name) for name in names if name not in self.left}

    def run(self) -> None:
        """One child after the other, until every exercise has its verdict."""
        while not self.problem and (self.left or not self.is_read):
            self._run_child()
            if self.left and time.monotonic() > self.until:
                self.problem = judge.out_of_time(self.limits)

    def rows(self) -> list[Row]:
        """A row for each exercise that the item asks for, in its order."""
        hashes = judge.fingerprints(self.item)
        problem = "" if self.is_read else self.problem
        if self.surveys and all(survey.problem for survey in self.surveys):
            problem = self.surveys[-1].problem
        rows = []
        for name in self.item.exercises:
            verdict = self.verdicts.get(name)
            if verdict is None:
                verdict = judge.verdict(name, "error", self.problem)
            found = self.found.get(name, wire.Found())
            rows.append(
                Row(
                    key=self.item.key,
                    exercise=name,
                    status=verdict.status,
                    points=verdict.points,
                    max=verdict.max_points,
                    message=judge.clean(verdict.message),
                    seed=self.item.seed,
                    hash=hashes[name],
                    seconds=round(self.seconds.get(name, 0.0), 3),
                    isolation=self.isolation,
                    file=found.file,
                    remark=judge.clean(found.remark),
                    program=found.program,
                    problem=judge.clean(problem),
                )
            )
        return rows

    def _run_child(self) -> None:
        """Let one child read the files and run what is left, until it is done or ends."""
        child = processes.start(len(self.left) + 1, self.limits, self.isolation)
        conversation = _Conversation(child, self.limits, self.until)
        self.is_read, problem = False, ""
        try:
            child.send(wire.job(self.left, self.item.files))
            self._take_reading(wire.reading(conversation.next(), self.left, self.item.files))
            child.send(wire.go(self.left, self.item.seed))
            while self.left:
                message = wire.parse(conversation.next())
                verdict = judge.on_message(self.left[0], message, self.item, self.limits)
                self._settle(verdict, conversation.waited())
        except _Ended as end:
            problem = str(end)
        except Exception:  # such as wire.Malformed: but whatever it was, it is this answer's error
            problem = "What came back is no result: something wrote into the grader's channel."
        finally:
            code = child.stop()
            conversation.close()
        if not self.left and self.is_read:
            return
        if not problem and code in (None, -signal.SIGKILL):  # perhaps by somebody else's answer
            self.tries -= 1
            if self.tries:
                return
            code = -signal.SIGKILL
        self._settle_first(problem or judge.how_it_ended(code, self.limits), conversation.waited())

    def _settle_first(self, problem: str, seconds: float) -> None:
        """What ended a child is the error of the answer that it ran; while it read, of them all."""
        if self.is_read:
            self._settle(judge.verdict(self.left[0], "error", problem), seconds)
        else:
            self.problem = problem

    def _take_reading(self, reading: wire.Reading) -> None:
        self.surveys = [Survey(*file) for file in reading.files]
        self.is_read = True
        for name, found in reading.found.items():
            if found.program:
                found.program = f"{found.program}-{judge.version_of(name)}"
            self.found[name] = found
            if found.status != "answer":
                self._settle(judge.verdict(name, found.status, found.remark), 0.0)
            elif found.program in self.known:
                self._settle(judge.verdict(name, "known"), 0.0)

    def _settle(self, verdict: Verdict, seconds: float) -> None:
        self.verdicts[verdict.name] = verdict
        self.seconds[verdict.name] = seconds
        self.left.remove(verdict.name)
        self.tries = TRIES


def _too_much(item: Item, limits: Limits) -> str:
    held = sum(len(file.content) for file in item.files)
    return judge.too_many_bytes(limits) if held > limits.files else ""


class _Conversation:
    """What a child says, line by line, as long as it keeps within its limits."""

    def __init__(self, child, limits: Limits, until: float):
        self.child, self.limits, self.until = child, limits, until
        self.lines: queue.Queue = queue.Queue(1)  # a child cannot fill the grader's memory
        self.closed = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        self._reset()

    def next(self) -> bytes:
        """The next line. Raises `_Ended`, without a text where the way it ended says why."""
        self._reset()
        while True:
            try:
                line = self.lines.get(timeout=0.1)
            except queue.Empty:
                self._check_limits()
                continue
            if not line.endswith(b"\n"):
                raise _Ended(judge.too_large(self.limits) if line else "")
            return line

    def waited(self) -> float:
        """Seconds since the last line was asked for."""
        return time.monotonic() - self.started

    def close(self) -> None:
        self.closed.set()

    def _reset(self) -> None:
        """Set the clocks back: the limits are for each exercise."""
        self.started, self.used = time.monotonic(), self.child.cpu_seconds()

    def _check_limits(self) -> None:
        if _stopping.is_set():
            raise _Ended("The grading was stopped.")
        if self.child.cpu_seconds() - self.used > self.limits.cpu:
            raise _Ended(judge.overtime(self.limits))
        if self.waited() > self.limits.wall:
            raise _Ended(f"It took more than {self.limits.wall:g} seconds and was stopped.")
        if time.monotonic() > self.until:
            raise _Ended(judge.out_of_time(self.limits))

    def _read(self) -> None:
        """Put each line on the queue; in the end one without a line break, and perhaps empty."""
        most, line = 2 * self.limits.result, b"\n"
        while line.endswith(b"\n") and not self.closed.is_set():
            try:
                line = self.child.stream.readline(most)
            except (OSError, ValueError):  # closed by us while we read
                line = b""
            if len(line) < most and not line.endswith(b"\n"):
                line = b""  # the end of what it said, and not the whole of it
            while not self.closed.is_set():
                with contextlib.suppress(queue.Full):
                    self.lines.put(line, timeout=0.1)
                    break
