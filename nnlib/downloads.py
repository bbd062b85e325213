"""Where the data sets lie, and how the two that are not ours get there.

MNIST and Pima are downloaded once. A download is written beside its place, verified, and only
then moved, so what is there is whole. `nnlib.data` turns the files into tensors.
"""

import difflib
import errno
import gzip
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import filelock
import pooch
import requests

from nnlib.errors import CourseError

COURSE = Path(__file__).resolve().parent.parent / "datasets"
PIMA_URLS = [
    "https://openml.org/data/v1/download/37/diabetes.arff",
    "https://www.openml.org/data/download/37/dataset_37_diabetes.arff",
]
PIMA_ARFF = "sha256:4eddd5b2b64679e8888348e306520a393d6a28e1ddc9643cfb76fc5d912d6d40"
ANSWER_SECONDS = 5  # without an answer by then, we are offline
STALL_SECONDS = 10  # without a byte for that long, a download has failed
LOCK_SECONDS = 600  # how long to wait for another process that downloads the same set

DOWNLOADED = ("mnist", "pima")  # the other sets come with the course

# The SHA-256 of every file of every set, by its place in a data folder.
FILES = {
    "mnist": {
        "MNIST/raw/train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "MNIST/raw/train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "MNIST/raw/t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "MNIST/raw/t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "pima": {
        "pima/pima-indians-diabetes.csv": "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
    },
    "houses": {"houses.csv": "c1fbaea6a38cadc0ca295c7e3bb2c6fd348743df243caa0df48c68e9cb655050"},
    "leaves": {"leaves.png": "8a65935aa483e58468b836861d12524bf3369c40af8d2f7538d8a0ae96d99148"},
}

pooch.get_logger().setLevel("WARNING")  # or it prints where it writes, on every download


class DataError(CourseError):
    """A data set cannot be used: one sentence says what is wrong, one says what to do."""


class DownloadError(DataError):
    """A data set is not here and could not be downloaded."""


def fetch(name, progress=True):
    """Make sure that a data set is here and whole, downloading it if need be.

    name: "mnist", "pima", "houses" or "leaves"; progress: show a bar while downloading.
    Returns the data folder (a `Path`) that holds the set's files.
    Raises DataError for an unknown name or a corrupt file, DownloadError when a download fails.
    """
    if name not in FILES:
        near = difflib.get_close_matches(name, FILES) or list(FILES)
        raise DataError(f"There is no data set {name!r}. Did you mean {' or '.join(near)}?")
    folder = find(name)
    if folder is None and name not in DOWNLOADED:
        missing = COURSE / next(iter(FILES[name]))
        raise DataError(f"{missing} is missing. {_remedy(name)}")
    return folder or _download(name, progress)


def find(name):
    """The first data folder that holds every file of a set, verified, or None.

    name: a name that `fetch` takes. Looks in $NNLIB_DATA, then in the course's `datasets/`.
    Raises DataError if a file is there and its SHA-256 is wrong.
    """
    for folder in _folders(name):
        states = {file: _state(folder / file, digest) for file, digest in FILES[name].items()}
        for file, state in states.items():
            if state == "corrupt":
                raise DataError(
                    f"{folder / file} is corrupt (its SHA-256 is wrong). {_remedy(name)}"
                )
        if set(states.values()) == {"ok"}:
            return folder
    return None


def inventory():
    """What is here: one row (name, file, bytes, state, folder) for each file of each set.

    bytes is None for a missing file; state is "ok", "missing" or "corrupt" (by SHA-256).
    Of several data folders the first that holds the file is listed, else the first of all.
    """
    rows = []
    for name, files in FILES.items():
        for file, digest in files.items():
            folders = _folders(name)
            folder = next((each for each in folders if (each / file).is_file()), folders[0])
            state = _state(folder / file, digest)
            size = None if state == "missing" else (folder / file).stat().st_size
            rows.append((name, file, size, state, folder))
    return rows


def _folders(name):
    chosen = os.environ.get("NNLIB_DATA")
    return [Path(chosen), COURSE] if chosen and name in DOWNLOADED else [COURSE]


def _remedy(name):
    if name in DOWNLOADED:
        return f"Delete it and run: nnlib data {name}"
    return f"Bring it back with: git checkout -- datasets/{next(iter(FILES[name]))}"


def _state(path, digest):
    if not path.is_file():
        return "missing"
    return "ok" if pooch.file_hash(str(path)) == digest else "corrupt"


def _download(name, progress):
    """Download what is missing of a set, one process at a time; the folder it went to."""
    folder = _writable_folder(name)
    try:
        with filelock.FileLock(folder / f"{name}.lock", timeout=LOCK_SECONDS):
            for file, (urls, known_hash) in _sources(name).items():
                if not (folder / file).is_file():  # another process may have been first
                    _install(folder, file, FILES[name][file], urls, known_hash, progress)
    except (OSError, ValueError) as error:
        raise DownloadError(
            f"{name} could not be downloaded: {_reason(error)}. "
            f"When that is mended, run: nnlib data {name}"
        ) from error
    return folder


def _writable_folder(name):
    for folder in _folders(name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            problem = error
        else:
            return folder
    raise DownloadError(
        f"{folder} cannot be written ({problem.strerror}). "
        "Set the environment variable NNLIB_DATA to a folder that can."
    )


def _sources(name):
    """For each file of a set: the addresses to try, and the hash of what they send."""
    if name == "pima":
        return {file: (PIMA_URLS, PIMA_ARFF) for file in FILES["pima"]}
    from nnlib.vision import torchvision  # slow to import

    mnist = torchvision.datasets.MNIST
    return {
        f"MNIST/raw/{Path(archive).stem}": ([m + archive for m in mnist.mirrors], f"md5:{md5}")
        for archive, md5 in mnist.resources
    }


def _install(folder, file, digest, urls, known_hash, progress):
    """Download one file beside its place, unpack it, verify it, move it."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as beside:
        sent = _get(urls, known_hash, beside, progress)
        fresh = Path(beside, "unpacked")
        unpack = arff_to_csv if sent.suffix == ".arff" else _gunzip
        unpack(sent, fresh)
        if _state(fresh, digest) != "ok":
            raise ValueError("unpacking gave another file")
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        os.replace(fresh, folder / file)


def _get(urls, known_hash, folder, progress):
    """Download from the first address that works; the path of what it sent."""
    for url in _answering(urls):
        base, file = url.rsplit("/", 1)
        downloader = pooch.HTTPDownloader(progress, 2**16, timeout=(ANSWER_SECONDS, STALL_SECONDS))
        source = pooch.create(folder, base + "/", registry={file: known_hash}, retry_if_failed=1)
        try:
            return Path(source.fetch(file, downloader=downloader))
        except (requests.RequestException, ValueError) as error:
            problem = error
    raise problem


def _answering(urls):
    """The addresses from the first whose server answers, all asked at once.

    A thread each, because a name look-up without a network can take far longer than any time
    limit that `requests` keeps.
    """
    answered = set()

    def ask(url):
        try:
            requests.head(url, timeout=ANSWER_SECONDS)
            answered.add(url)
        except requests.RequestException:
            pass

    threads = [threading.Thread(target=ask, args=(url,), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + ANSWER_SECONDS
    for place, thread in enumerate(threads):
        thread.join(max(0, deadline - time.monotonic()))
        if urls[place] in answered:
            return urls[place:]
    raise ConnectionError("no server answered, as if there were no network")


def _gunzip(archive, path):
    with gzip.open(archive) as source, open(path, "wb") as target:
        shutil.copyfileobj(source, target)


def arff_to_csv(arff, path):
    """OpenML's table as the usual file: 38 as 38.0, 0.42 as 0.420, tested positive as 1."""
    rows = []
    for line in arff.read_text().partition("@data\n")[2].splitlines():
        fields = line.split(",")
        fields[5] = f"{float(fields[5]):.1f}"  # body mass index
        fields[6] = f"{float(fields[6]):.3f}"  # pedigree
        fields[8] = "1" if fields[8] == "tested_positive" else "0"
        rows.append(",".join(fields))
    path.write_bytes("\n".join(rows).encode())


def _reason(error):
    if isinstance(error, filelock.Timeout):
        return f"another process has held {error.lock_file} for {LOCK_SECONDS} seconds"
    if isinstance(error, requests.HTTPError):
        return f"{error.response.url} answered {error.response.status_code}"
    if isinstance(error, requests.RequestException):
        return "the connection broke off, or nothing came any more"
    if isinstance(error, ValueError):
        return "what came is not the file that was asked for (its hash is wrong)"
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return str(error)
