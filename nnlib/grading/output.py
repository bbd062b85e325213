"""All that a grading leaves in its folder, made from the rows of its record."""

from pathlib import Path

from nnlib.files import write_text
from nnlib.grading import exports, pages, results
from nnlib.grading.records import RESULTS, Row


def write(folder: Path, rows: list[Row], ignored: list[str]) -> list[Path]:
    """Write the tables, the summary and a page for each student; returns what there is now.

    ignored: files that were found beside the submissions and belong to no student.
    """
    students = results.students(rows)
    names = pages.file_names([student.name for student in students])
    title = pages.title_of(rows)
    feedback = folder / "feedback"
    feedback.mkdir(exist_ok=True)
    for student in students:
        write_text(pages.feedback(student, title), feedback / names[student.name])
    for path in feedback.glob("*.html"):  # of a student who is gone, or has another name now
        if path.name not in names.values() and pages.is_ours(path):
            path.unlink()
    write_text(exports.grades_csv(rows), folder / "grades.csv")
    write_text(pages.summary(rows, ignored), folder / "summary.html")
    return [folder / "grades.csv", folder / "summary.html", feedback, folder / RESULTS]


def write_for_gradescope(folder: Path, rows: list[Row]) -> Path:
    """Write Gradescope's results.json; returns its path."""
    path = folder / "results.json"
    write_text(exports.gradescope(rows), path)
    return path
