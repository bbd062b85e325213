"""Find what students handed in, and read it.

A submission is a file or a folder of a student's, as a teacher keeps them or as Canvas and Moodle
name them, in a folder or in a zip. A zip is read where it lies: nothing is ever unpacked, so no
name in it can point anywhere.
"""

import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nnlib import lessons
from nnlib.errors import CourseError
from nnlib.grading.handout import ASSIGNMENT

MOST_BYTES = 20_000_000
"""A larger file is not read; nearly all of such a notebook is output."""
MOST_OF_A_STUDENT = 2 * MOST_BYTES

_GRADED = (".ipynb", ".py")
# Canvas: oneilzoe_LATE_12345_67890_lesson (1).ipynb: the student's number, then the file's.
_CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<number>\d+)_(?P<file>.+)")
# Moodle: Zoë O'Neil_1234567_assignsubmission_file_/lesson.ipynb, or the same without a folder. The
# first number is Moodle's: what follows in a file's name is up to whoever hands it in.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"
)
_NUMBERED = re.compile(r"(?: ?\((\d{1,3})\)|-(\d{1,3}))$")  # lesson (1), lesson-1: a later copy


@dataclass(frozen=True)
class File:
    """A file that was handed in: its path among the submissions, and how to read its first bytes.

    read(n) gives at most n bytes, or raises `OSError` with a `strerror` that says why not.
    """

    path: tuple[str, ...]
    size: int
    modified: float
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def is_graded(self) -> bool:
        return self.name.lower().endswith(_GRADED)


@dataclass(frozen=True)
class HandedIn:
    """What one student handed in: all their files, those that count most last.

    student: unique among the submissions. id: the student's number in Canvas or Moodle, or "";
    unique, too. note: what the instructor should know about it, or "".
    """

    student: str
    id: str
    late: bool
    files: tuple[File, ...]
    note: str = ""


@dataclass(frozen=True)
class Source:
    """A file that was read: its bytes, or why it could not be read."""

    name: str
    content: bytes = b""
    problem: str = ""


# -- finding ---------------------------------------------------------------------------------------


def find(place: Path, alone: bool = False) -> tuple[list[HandedIn], list[str]]:
    """The submissions in a folder, a zip or a single file, by student; and what belongs to nobody.

    A file directly in `place` is a student's, by its name without the suffix; a folder is a
    student's with all that is in it; names that Canvas and Moodle give are understood. With
    alone=True everything is one student's, whatever its names. Raises `CourseError` if `place` is
    not there or holds no submission.
    """
    files = _files(Path(place))
    if alone:
        files = [f for f in files if f.is_graded] or files
        name = _clean(Path(place).resolve().stem)
        found, ignored = [HandedIn(name, "", False, _in_order(files))] if files else [], []
    else:
        found, ignored = _by_student(_without_outer_folders(files))
    if not found:
        raise CourseError(
            f"There is no notebook and no .py file in {place}. Name the folder, or the zip, that"
            " holds the submissions."
        )
    return sorted(found, key=lambda handed_in: handed_in.student.casefold()), ignored


def _files(place: Path) -> list[File]:
    if place.is_dir():
        return _files_in_folder(place)
    if not place.is_file():
        raise CourseError(f"There is no {place}. Name the folder or the zip of the submissions.")
    if zipfile.is_zipfile(place):
        return _files_in_zip(place)
    if place.suffix.lower() in _GRADED:
        return [_on_disk(place, (place.name,))]
    raise CourseError(
        f"{place} is no folder, zip, notebook or .py file. If it is a zip, download it again."
    )


def _files_in_folder(folder: Path) -> list[File]:
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        path = Path(parent).relative_to(folder).parts
        files += [_on_disk(Path(parent, n), (*path, n)) for n in sorted(names) if not _is_hidden(n)]
    return files


def _on_disk(path: Path, inside: tuple[str, ...]) -> File:
    status = path.lstat()

    def read(most: int) -> bytes:
        # A link could lead to a file of somebody else's; reading a pipe would never end.
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is a link or a device, not a plain file")
        with path.open("rb") as file:
            return file.read(most)

    return File(inside, status.st_size, status.st_mtime, read)


def _files_in_zip(path: Path) -> list[File]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise CourseError(f"{path} is a damaged zip. Download it again.") from None
    files = []
    for info in archive.infolist():
        name = info.filename
        if not info.flag_bits & 0x800:  # not marked as UTF-8, and read as code page 437
            try:
                name = name.encode("cp437").decode("utf-8")
            except UnicodeError:
                pass  # it is what it was marked as
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if parts and not info.is_dir() and not any(_is_hidden(part) for part in parts):
            files.append(_zipped(archive, info, tuple(parts)))
    return files


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: tuple[str, ...]) -> File:
    def read(most: int) -> bytes:
        try:
            with archive.open(info) as file:
                return file.read(most)
        except RuntimeError:
            raise OSError(0, "it is locked with a password") from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
            raise OSError(0, f"it is damaged in the zip ({type(error).__name__})") from None
        except Exception as error:  # zlib's and lzma's errors share no other base class
            if type(error).__module__ not in ("zlib", "lzma", "_lzma"):
                raise
            raise OSError(0, "it is damaged in the zip") from None

    year, month, day, hour, minute, second = info.date_time
    days = (year * 12 + month) * 31 + day  # only the order matters
    return File(inside, info.file_size, ((days * 24 + hour) * 60 + minute) * 60 + second, read)


def _is_hidden(name: str) -> bool:
    """Left by the system, by Jupyter (.ipynb_checkpoints) or by Python; nobody's work."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")


def _without_outer_folders(files: list[File]) -> list[File]:
    """The files without the folders around all submissions, which many zips have."""
    around = os.path.commonprefix([file.path[:-1] for file in files])
    from_moodle = [i for i, name in enumerate(around) if _MOODLE.fullmatch(name)]
    depth = from_moodle[0] if from_moodle else len(around)
    inner = [File(file.path[depth:], file.size, file.modified, file.read) for file in files]
    # A lesson's or an assignment's own name, as it was handed out, is nobody's.
    named = {Path(file.path[0]).stem for file in inner if file.is_graded} - _handed_out_names()
    from_lms = any(_CANVAS.fullmatch(f.path[0]) or _MOODLE.fullmatch(f.path[0]) for f in inner)
    return inner if len(named) > 1 or from_lms else files  # or else it is a single student's folder


def _handed_out_names() -> set[str]:
    return {*lessons.names(), ASSIGNMENT}


def _by_student(files: list[File]) -> tuple[list[HandedIn], list[str]]:
    groups: dict[tuple[str, str], list[File]] = {}
    late: set[tuple[str, str]] = set()
    loose = [file for file in files if len(file.path) == 1 and file.is_graded]
    is_canvas = _are_from_canvas(loose)
    ignored = []
    for file in files:
        first = file.path[0]
        match = _MOODLE.fullmatch(first)
        if not match and is_canvas and len(file.path) == 1:
            match = _CANVAS.fullmatch(first)
        if match:
            student = match["id"], _clean(match["name"])
            if match.groupdict().get("late"):
                late.add(student)
        elif len(file.path) > 1:
            student = "", _clean(first)
        elif file.is_graded:
            student = "", _clean(Path(first).stem)
        else:
            ignored.append(_clean(first))
            continue
        groups.setdefault(student, []).append(file)
    if loose:  # beside students' files, a folder without any is something else
        for student in [key for key in groups if not key[0]]:
            if not any(file.is_graded for file in groups[student]):
                ignored.append(f"{student[1]}/")
                del groups[student]
    names = _unique_names(list(groups))
    owners = Counter(number for number, _ in groups if number)
    found = []
    for key, own in groups.items():
        own = [file for file in own if file.is_graded] or own
        number, note = key[0], ""
        if owners[number] > 1:  # whoever writes a name can write a number: no mark goes by it
            number, note = "", f"several names have the number {number}; it was left out"
        found.append(HandedIn(names[key], number, key in late, _in_order(own), note))
    return found, ignored


def _unique_names(students: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What to call each student, by number and name: the name, where it is theirs alone."""
    namesakes = Counter(name.casefold() for _, name in students)
    found: dict[tuple[str, str], str] = {}
    plain = [key for key in students if not key[0] or namesakes[key[1].casefold()] == 1]
    for number, name in [*sorted(plain), *sorted(set(students) - set(plain))]:
        called = name if (number, name) in plain else f"{name} ({number})"
        while called in found.values():  # somebody's whole name may be just that
            called = f"{called} ({number})"
        found[number, name] = called
    return found


def _are_from_canvas(files: list[File]) -> bool:
    """Whether all names are Canvas's. It numbers each file differently; hw_2_1_anna.py is not."""
    matches = [_CANVAS.fullmatch(file.name) for file in files]
    return all(matches) and len({match["number"] for match in matches}) == len(matches)


def _clean(name: str) -> str:
    """A name that can be shown: in one line, without control characters, accents composed."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode())
    return " ".join("".join(c if c.isprintable() else " " for c in name).split()) or "unnamed"


def _in_order(files: list[File]) -> tuple[File, ...]:
    """The files, the one that counts most last: notebooks, then by number, by time, by name."""

    def weight(file: File):
        canvas = _CANVAS.fullmatch(file.name)
        numbered = _NUMBERED.search(Path(file.name).stem)
        return (
            file.name.lower().endswith(".ipynb"),
            int(canvas["number"]) if canvas else 0,
            int(numbered[1] or numbered[2]) if numbered else 0,
            file.modified,
            file.path,
        )

    return tuple(sorted(files, key=weight))


# -- reading ---------------------------------------------------------------------------------------


def read(files: tuple[File, ...]) -> list[Source]:
    """The bytes of a student's files, in their order; nobody looks into them here.

    Never raises: what is wrong with a file is its source's `problem`, a sentence for the student.
    Those that count most are read first, until there are more bytes than one student may hand in.
    """
    sources, left = [], MOST_OF_A_STUDENT
    for file in reversed(files):
        source = _read(file)
        if len(source.content) > left:
            most = f"{MOST_OF_A_STUDENT / 1e6:.0f} MB"
            source = Source(source.name, problem=f"The files hold more than {most} together.")
        left -= len(source.content)
        sources.append(source)
    return sources[::-1]


def _read(file: File) -> Source:
    name = _clean(file.name)
    if not file.is_graded:
        return Source(name, problem=f"{name} is neither a notebook (.ipynb) nor a .py file.")
    if file.size > MOST_BYTES:
        return Source(name, problem=_too_large(file.size))
    try:
        content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Source(name, problem=f"The file could not be read: {error.strerror}.")
    if len(content) > MOST_BYTES:  # a zip may lie about sizes
        return Source(name, problem=_too_large(len(content)))
    return Source(name, content)


def _too_large(size: int) -> str:
    return (
        f"The file has {size / 1e6:.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are read. Clear the"
        " outputs of all cells, save, and hand it in again."
    )
