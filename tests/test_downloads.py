"""Downloads from a server on this machine that misbehaves in every way servers do."""

import errno
import gzip
import hashlib
import http.server
import socket
import subprocess
import sys
import threading
import types

import pooch
import pytest

from nnlib import downloads
from nnlib.vision import torchvision

# Two rows as OpenML writes them, and as the usual file has them.
ARFF = (
    b"% a comment\n@relation pima_diabetes\n@attribute 'preg' real\n@data\n"
    b"6,148,72,35,0,33.6,0.627,50,tested_positive\n10,168,74,0,0,38,0.42,34,tested_negative\n"
)
CSV = b"6,148,72,35,0,33.6,0.627,50,1\n10,168,74,0,0,38.0,0.420,34,0"
CSV_FILE = "pima/pima-indians-diabetes.csv"
DIGITS = {"train-images-idx3-ubyte": b"pictures " * 99, "train-labels-idx1-ubyte": b"labels " * 99}


class Server(http.server.ThreadingHTTPServer):
    """Sends `files`; the first part of the path says how well it behaves."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.paths = files, []
        self.asked, self.go_on = threading.Event(), threading.Event()

    def url(self, manner):
        return f"http://127.0.0.1:{self.server_address[1]}/{manner}/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        self.server.paths.append(self.path)
        self.server.asked.set()
        manner, name = self.path.strip("/").split("/")
        if manner.isdigit():
            self.send_error(int(manner))
            return
        body = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if manner == "truncated":
            body = body[: len(body) // 2]
        elif manner == "wrong":
            body = body[::-1]
        elif manner == "stalled":
            self.wfile.write(body[:20])
            self.server.go_on.wait(20)
        elif manner == "slow":
            self.server.go_on.wait(20)
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def server():
    files = {f"{name}.gz": gzip.compress(body) for name, body in DIGITS.items()}
    server = Server({"diabetes.arff": ARFF, **files})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path, monkeypatch, server):
    """An empty data folder; Pima and MNIST are the small files above, for this test."""
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(downloads, "COURSE", tmp_path / "course")
    monkeypatch.setattr(downloads, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(downloads, "PIMA_ARFF", f"sha256:{hashlib.sha256(ARFF).hexdigest()}")
    monkeypatch.setitem(downloads.FILES, "pima", {CSV_FILE: hashlib.sha256(CSV).hexdigest()})
    digits = {f"MNIST/raw/{n}": hashlib.sha256(body).hexdigest() for n, body in DIGITS.items()}
    monkeypatch.setitem(downloads.FILES, "mnist", digits)
    archives = [(n, hashlib.md5(b).hexdigest()) for n, b in server.files.items() if "ubyte" in n]
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", archives)
    # Between two tries pooch waits; the test need not.
    monkeypatch.setattr(pooch.core, "time", types.SimpleNamespace(sleep=lambda seconds: None))
    serve(monkeypatch, server, "good")
    return tmp_path / "data"


def serve(monkeypatch, server, *manners):
    urls = [server.url(manner) for manner in manners]
    monkeypatch.setattr(downloads, "PIMA_URLS", [url + "diabetes.arff" for url in urls])
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", urls)


def files_in(folder):
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if not name.endswith(".lock"))


def test_pima_comes_once_and_as_the_usual_file(folder, server):
    assert downloads.fetch("pima", progress=False) == folder
    assert (folder / CSV_FILE).read_bytes() == CSV
    assert downloads.fetch("pima", progress=False) == folder
    assert server.paths == ["/good/diabetes.arff"]
    assert files_in(folder) == [CSV_FILE]


def test_mnist_comes_unpacked(folder, server):
    assert downloads.fetch("mnist", progress=False) == folder
    for name, body in DIGITS.items():
        assert (folder / "MNIST" / "raw" / name).read_bytes() == body
    assert files_in(folder) == [f"MNIST/raw/{name}" for name in sorted(DIGITS)]


def test_the_real_table_becomes_the_real_file(tmp_path):
    source = downloads.find("pima")
    if source is None:
        pytest.skip("pima is not here: run nnlib data pima, or set NNLIB_DATA")
    real = (source / CSV_FILE).read_bytes()
    rows = [line.split(",") for line in real.decode().splitlines()]
    words = {"0": "tested_negative", "1": "tested_positive"}
    # OpenML drops the zeros at the end of a number.
    lines = [
        ",".join([*(f"{float(number):g}" for number in row[:8]), words[row[8]]]) for row in rows
    ]
    arff = tmp_path / "diabetes.arff"
    arff.write_bytes(("@relation pima_diabetes\n@data\n" + "\n".join(lines) + "\n").encode())
    downloads.arff_to_csv(arff, tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == real


@pytest.mark.parametrize(
    "manner, reason",
    [
        ("truncated", "broke off"),
        ("wrong", "hash is wrong"),
        ("404", "diabetes.arff answered 404"),
        ("500", "diabetes.arff answered 500"),
        ("stalled", "nothing came any more"),
    ],
)
def test_a_bad_server_is_named_and_leaves_nothing(folder, server, monkeypatch, manner, reason):
    serve(monkeypatch, server, manner)
    with pytest.raises(downloads.DownloadError) as caught:
        downloads.fetch("pima", progress=False)
    assert reason in str(caught.value) and "run: nnlib data pima" in str(caught.value)
    assert server.paths == [f"/{manner}/diabetes.arff"] * 2, "tried twice"
    assert [path.name for path in folder.iterdir()] in ([], ["pima.lock"])


@pytest.mark.parametrize("name", ["pima", "mnist"])
def test_what_is_unpacked_is_verified_too(folder, monkeypatch, name):
    """What arrives is right, but what it holds is not the file that the course means."""
    file = next(iter(downloads.FILES[name]))
    monkeypatch.setitem(downloads.FILES[name], file, hashlib.sha256(b"another").hexdigest())
    with pytest.raises(downloads.DownloadError, match="its hash is wrong"):
        downloads.fetch(name, progress=False)
    assert not (folder / file).exists()


def test_the_next_mirror_is_tried(folder, server, monkeypatch):
    serve(monkeypatch, server, "500", "good")
    downloads.fetch("mnist", progress=False)
    assert files_in(folder) == [f"MNIST/raw/{name}" for name in sorted(DIGITS)]


def test_good_files_stay_when_the_others_fail(folder, server, monkeypatch):
    good = folder / "MNIST" / "raw" / "train-images-idx3-ubyte"
    good.parent.mkdir(parents=True)
    good.write_bytes(DIGITS[good.name])
    serve(monkeypatch, server, "wrong")
    with pytest.raises(downloads.DownloadError):
        downloads.fetch("mnist", progress=False)
    assert set(server.paths) == {"/wrong/train-labels-idx1-ubyte.gz"}
    assert files_in(folder) == [f"MNIST/raw/{good.name}"]
    assert good.read_bytes() == DIGITS[good.name]


def test_a_corrupt_file_is_not_replaced(folder, server):
    (folder / "pima").mkdir(parents=True)
    (folder / CSV_FILE).write_bytes(CSV[:-5])
    with pytest.raises(downloads.DataError) as caught:
        downloads.fetch("pima", progress=False)
    assert not isinstance(caught.value, downloads.DownloadError)
    assert f"{folder / CSV_FILE} is corrupt" in str(caught.value)
    assert server.paths == [] and (folder / CSV_FILE).read_bytes() == CSV[:-5]


@pytest.mark.parametrize("where", ["while downloading", "while moving"])
def test_a_full_disk_is_named_and_leaves_nothing(folder, monkeypatch, where):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "while downloading":
        monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    else:
        monkeypatch.setattr(downloads.os, "replace", full)
    with pytest.raises(downloads.DownloadError, match="the disk is full"):
        downloads.fetch("pima", progress=False)
    assert files_in(folder) == []


def test_a_folder_that_cannot_be_written(folder, server, monkeypatch):
    folder.write_text("a file where the folder should be")
    assert downloads.fetch("pima", progress=False) == downloads.COURSE
    monkeypatch.setattr(downloads, "COURSE", folder / "deeper")
    with pytest.raises(downloads.DownloadError, match="cannot be written.*NNLIB_DATA"):
        downloads.fetch("mnist", progress=False)


def test_two_processes_download_once(folder, server, monkeypatch):
    program = (
        "from nnlib import downloads as d\n"
        f"d.PIMA_URLS = [{server.url('slow')!r} + 'diabetes.arff']\n"
        f"d.PIMA_ARFF = {downloads.PIMA_ARFF!r}\n"
        f"d.FILES['pima'] = {downloads.FILES['pima']!r}\n"
        "d.STALL_SECONDS = 20\n"
        "print('starts', flush=True)\n"
        "d.fetch('pima', progress=False)\n"
    )

    def start():
        return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)

    with start() as first:
        assert server.asked.wait(20)  # the first now holds the lock and waits for its file
        with start() as second:
            assert second.stdout.readline() == "starts\n"
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.5)
            server.go_on.set()
            assert first.wait(20) == 0 and second.wait(20) == 0
    assert server.paths == ["/slow/diabetes.arff"]
    assert (folder / CSV_FILE).read_bytes() == CSV


def test_a_lock_held_too_long_is_named(folder, monkeypatch):
    monkeypatch.setattr(downloads, "LOCK_SECONDS", 0.1)
    folder.mkdir()
    with downloads.filelock.FileLock(folder / "pima.lock"):
        with pytest.raises(downloads.DownloadError, match="another process.*pima.lock"):
            downloads.fetch("pima", progress=False)


def test_a_name_look_up_that_hangs_is_not_waited_for(folder, monkeypatch):
    over = threading.Event()
    looked_up = []

    def hang(*_, **__):
        looked_up.append(over.wait(20))
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    try:
        with pytest.raises(downloads.DownloadError, match="no server answered"):
            downloads.fetch("pima", progress=False)
        assert looked_up == [], "the look-up still hangs"
    finally:
        over.set()


def test_an_unknown_set_gets_the_nearest_names():
    with pytest.raises(downloads.DataError, match="'minst'. Did you mean mnist"):
        downloads.fetch("minst")
    with pytest.raises(downloads.DataError, match="mnist or pima or houses or leaves"):
        downloads.fetch("zzz")


def test_inventory_lists_every_file(folder):
    assert {row[3] for row in downloads.inventory()} == {"missing"}
    downloads.fetch("pima", progress=False)
    (folder / "MNIST" / "raw").mkdir(parents=True)
    (folder / "MNIST" / "raw" / "train-labels-idx1-ubyte").write_bytes(b"half")
    rows = {row[1]: row for row in downloads.inventory()}
    assert rows[CSV_FILE] == ("pima", CSV_FILE, len(CSV), "ok", folder)
    assert rows["MNIST/raw/train-labels-idx1-ubyte"][2:4] == (4, "corrupt")
    assert rows["MNIST/raw/train-images-idx3-ubyte"][2:4] == (None, "missing")


def test_the_sets_of_the_course_are_whole():
    states = {row[0]: row[3] for row in downloads.inventory() if row[0] in ("houses", "leaves")}
    assert states == {"houses": "ok", "leaves": "ok"}
