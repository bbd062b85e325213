"""What the tests of several files share; what they make is in `made`, what they start in `programs`."""

import shutil

import pytest

from nnlib import commands, lessons
from nnlib.course import copies


@pytest.fixture
def nnlib(capsys):
    """``nnlib("check", path)`` -> its exit code and what was printed, to stdout and to stderr."""

    def call(*arguments) -> tuple[int, str, str]:
        capsys.readouterr()
        code = commands.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A learner's folder with every lesson as handed out."""
    folder = tmp_path / "my-lessons"
    folder.mkdir()
    monkeypatch.setattr(copies, "MINE", folder)
    for name in lessons.names():
        copies.hand_out(name, folder)
    return folder


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, Playwright's; without one, the tests that need it are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    names = "chromium", "chromium-browser", "google-chrome"
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    quiet = "no-sandbox disable-dev-shm-usage disable-gpu no-first-run"
    arguments = [f"--{name}" for name in [*quiet.split(), "disable-background-networking"]]
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()
