"""How far a learner is: from their notebooks to `nnlib progress` and the start page."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest

from nnlib import lessons
from nnlib.course import copies, progress, start_page
from nnlib.exercises import catalog
from nnlib.files import read_notebook, write_notebook
from nnlib.trial import answers, runner

LESSON = "03_activations"
WRONG = "def softmax(z, dim):\n    return z"
BROKEN = "def tanh(z)\n    return z"
EXERCISES = sum(e.points > 0 for exercises in catalog.LESSONS.values() for e in exercises)
"""A prediction, worth nothing, is no work that can be left."""


def fill(folder, lesson: str, filled: dict[str, str]) -> None:
    """Put answers into the learner's copy, as they would."""
    path = folder / f"{lesson}.ipynb"
    mine = read_notebook(path)
    for cell in mine.cells:
        for name in answers.holes([cell]):
            if name in filled:
                cell.source = filled[name] + f'\n\ncheck("{name}", {name})'
    write_notebook(mine, path)


def statuses(now: progress.Progress, lesson: str) -> dict[str, str]:
    (found,) = [one for one in now.lessons if one.name == lesson]
    return {exercise.name: exercise.status for exercise in found.exercises}


@pytest.fixture
def runs(monkeypatch) -> list[str]:
    """The names of the answers that were run."""
    asked = []
    real = runner.grade_many

    def grade_many(items, known):
        for rows in real(items, known=known):
            asked.extend(row.exercise for row in rows if row.status not in ("known", "todo"))
            yield rows

    monkeypatch.setattr(runner, "grade_many", grade_many)
    return asked


def test_each_exercise_is_correct_tried_or_to_do_and_is_run_once(desk, runs):
    sigmoid = "import torch\n\n" + lessons.solutions(LESSON)["sigmoid"]
    fill(desk, LESSON, {"sigmoid": sigmoid, "softmax": WRONG, "tanh": BROKEN})
    before = progress.read(desk)
    assert statuses(before, LESSON)["sigmoid"] == "unchecked" and not runs

    now = progress.check(desk)
    wanted = dict.fromkeys((e.name for e in catalog.LESSONS[LESSON]), "todo")
    wanted |= {"sigmoid": "correct", "softmax": "wrong", "tanh": "error"}
    assert statuses(now, LESSON) == wanted and now.correct == 1
    assert sorted(runs) == ["sigmoid", "softmax", "tanh"]
    assert progress.read(desk) == now == progress.check(desk)
    assert len(runs) == 3, "what is remembered was run again"

    fill_again = read_notebook(desk / f"{LESSON}.ipynb")
    for cell in fill_again.cells:
        cell.source = cell.source.replace(WRONG, lessons.solutions(LESSON)["softmax"])
    fill_again.cells.append(nbformat.v4.new_code_cell("# a note that changes no answer"))
    write_notebook(fill_again, desk / f"{LESSON}.ipynb")
    assert progress.check(desk).correct == 2 and runs[3:] == ["softmax"]


def test_what_is_remembered_holds_for_the_same_exercises_only(desk, runs, monkeypatch):
    fill(desk, LESSON, {"softmax": WRONG})
    progress.check(desk)
    monkeypatch.setattr(progress, "version", lambda: "another release")
    assert progress.check(desk).all and runs == ["softmax", "softmax"]
    (desk / progress.MEMORY).write_text("{torn")
    assert statuses(progress.check(desk), LESSON)["softmax"] == "wrong" and len(runs) == 3


def test_where_nothing_was_tried_the_grader_is_not_needed(desk, runs):
    now = progress.check(desk)
    assert not runs and {exercise.status for exercise in now.all} == {"todo"}
    assert len(now.all) == EXERCISES
    assert now.minutes_left == sum(lesson.opening.minutes for lesson in now.lessons)
    assert now.next[0].name == "01_perceptron" and now.next[1].name == "average_weights"


def _lesson(name, *statuses, minutes=60):
    exercises = tuple(progress.Exercise(f"{name}{i}", s) for i, s in enumerate(statuses))
    return progress.Lesson(name, lessons.Opening(name.title(), "Why?", minutes), exercises)


def test_the_next_step_and_the_time_left():
    done, half = _lesson("00", "correct"), _lesson("01", "correct", "wrong", "todo", "correct")
    untouched = _lesson("02", "todo", "todo", minutes=75)
    now = progress.Progress((done, half, untouched), "01")
    assert [lesson.minutes_left for lesson in now.lessons] == [0, 30, 75]
    assert now.minutes_left == 105 and now.correct == 3
    assert now.next == (half, half.exercises[1])
    assert progress.Progress((half, done, untouched), "00").next[0] is untouched
    assert progress.Progress((half, done), "00").next[0] is half
    assert progress.Progress((done,), "00").next is None


def test_the_command_shows_a_table_and_json(desk, nnlib):
    fill(desk, "00_tensors", lessons.solutions("00_tensors"))
    fill(desk, LESSON, {"softmax": WRONG})
    (desk / "04_losses.ipynb").write_text("{")
    code, out, _ = nnlib("progress")
    words = " ".join(re.sub(r"[│┃]", " ", out).split())
    assert code == 0 and "00 Tensors and autograd correct: all" in words
    assert "tried: softmax" in words and "is not a notebook" in words
    assert f"4 of {EXERCISES} exercises are correct; about" in words
    assert "Next: 04 Losses, sse." in words  # of what can't be read, nothing is done

    code, out, _ = nnlib("progress", "--json")
    found = json.loads(out)
    assert code == 0 and found["next"] == {"lesson": "04_losses", "exercise": "sse"}
    by_name = {lesson["lesson"]: lesson for lesson in found["lessons"]}
    assert by_name["00_tensors"]["minutes_left"] == 0 and by_name["04_losses"]["problem"]
    (softmax,) = [e for e in by_name[LESSON]["exercises"] if e["name"] == "softmax"]
    assert softmax["status"] == "wrong" and softmax["message"]
    page = read_notebook(desk / start_page.NAME)
    assert f"4 of {EXERCISES}" in page.cells[1].outputs[0].data["text/plain"]


def test_without_lessons_it_is_one_sentence(tmp_path, monkeypatch, nnlib):
    monkeypatch.setattr(copies, "MINE", tmp_path / "none")
    code, out, err = nnlib("progress")
    assert code == 2 and out == "" and err.count("\n") == 1 and "Run nnlib lab first" in err


# -- the start page ------------------------------------------------------------------------------


def test_the_start_page_links_every_lesson_and_the_cell_to_go_on_with(desk):
    fill(desk, LESSON, {"softmax": WRONG})
    now = progress.read(desk)
    start_page.write(desk, now)
    page = read_notebook(desk / start_page.NAME)
    (output,) = page.cells[1].outputs
    html = unescape(output.data["text/html"])
    hrefs = set(re.findall(r'href="([^"#]*)', html))
    assert hrefs == {f"{name}.ipynb" for name in lessons.names()}
    for lesson in now.lessons:
        assert lesson.opening.title in html and lesson.opening.question in html
        mine = {cell.id: cell.source for cell in read_notebook(desk / f"{lesson.name}.ipynb").cells}
        linked = re.findall(rf'href="{lesson.name}\.ipynb#cell-id=([\w-]+)">(\w+)</a>', html)
        exercises = [e.name for e in catalog.LESSONS[lesson.name] if e.points]
        assert [name for _, name in linked] == exercises
        assert all(name in mine[cell] for cell, name in linked)
    assert "<style" not in html and "<script" not in html
    assert output.data["text/plain"].endswith("Next: 03 Activations, sigmoid.")


def test_the_start_page_is_rewritten_only_when_it_changes_and_keeps_notes(desk):
    now = progress.read(desk)
    path = desk / start_page.NAME
    start_page.write(desk, now)
    first, time = path.read_bytes(), path.stat().st_mtime_ns
    start_page.write(desk, now)
    assert path.read_bytes() == first and path.stat().st_mtime_ns == time
    mine = read_notebook(path)
    mine.cells.append(nbformat.v4.new_markdown_cell("my plan", id="plan"))
    mine.cells[1].execution_count = 4
    write_notebook(mine, path)
    fill(desk, "00_tensors", lessons.solutions("00_tensors"))
    start_page.write(desk, progress.read(desk))
    page = read_notebook(path)
    assert [cell.source for cell in page.cells][2:] == ["my plan"]
    assert " more must still be looked at." in page.cells[1].outputs[0].data["text/plain"]


def test_what_a_notebook_says_is_only_text_on_the_start_page():
    evil = "It raised ValueError: <b onclick=x>\"' onclick=y"
    said = progress.Exercise("f", "error", message=evil, cell=evil)
    opening = lessons.Opening(evil, evil, 60)
    read, unread = (progress.Lesson("00_a", opening, (said,), problem) for problem in ("", evil))
    html = start_page.page(progress.Progress((read, unread), "00_a"))
    assert (
        unescape(html).count(evil) == 7
    )  # titles, also of what is next; questions; advice; problem
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.extend(name for name, _ in attributes)
    parser.feed(html)
    assert set(found) == {"style", "href", "title"}


def test_durations():
    assert [start_page.duration(n) for n in (5, 85, 90, 100, 815)] == [
        "5 minutes", "85 minutes", "1.5 hours", "1.5 hours", "13.5 hours"
    ]  # fmt: skip


def test_shown_in_a_notebook_the_page_checks_every_answer(desk):
    from nnlib.course import execution

    fill(desk, "00_tensors", lessons.solutions("00_tensors"))
    start_page.write(desk, progress.read(desk))
    page = read_notebook(desk / start_page.NAME)
    assert f"0 of {EXERCISES}" in page.cells[1].outputs[0].data["text/plain"]
    assert not execution.run(page, desk).error
    assert f"4 of {EXERCISES}" in page.cells[1].outputs[0].data["text/plain"]
