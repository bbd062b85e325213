"""What the tests of several files share; what they make is in `made`, what they start in `programs`."""

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
