"""The pages: one for each student, and the instructor's summary.

Each is a single file that needs no network and runs no script. Everything that comes from a
student is escaped.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path
from statistics import mean, median

import jinja2
from markupsafe import Markup

from nnlib.grading import records
from nnlib.trial import sandbox

_STYLE = """\
:root { color-scheme: light dark;
  --text: #1f2328; --faint: #636c76; --line: #d9dee3; --page: #ffffff; --card: #f6f8fa;
  --good: #1a7f37; --bad: #bc4c00; --open: #6e7781; --bar: #0969da; }
@media (prefers-color-scheme: dark) { :root {
  --text: #e6edf3; --faint: #9198a1; --line: #3d444d; --page: #0d1117; --card: #161b22;
  --good: #3fb950; --bad: #f0883e; --open: #9198a1; --bar: #4493f8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .35rem 0; }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
a { color: var(--bar); }
.faint { color: var(--faint); }
.words { white-space: pre-wrap; overflow-wrap: anywhere; }
.correct { color: var(--good); } .wrong, .error { color: var(--bad); } .todo { color: var(--open); }
.card { border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  padding: .8rem 1rem; margin: .75rem 0; }
.card header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
.card header .points { margin-left: auto; color: var(--faint); }
.notice { border-left: 4px solid var(--bad); padding: .5rem 1rem; margin: 1rem 0;
  background: var(--card); }
"""

_TOP = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="nnlib grade">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
"""

_FEEDBACK = """\
<title>{{ student.name }}: {{ title }}</title>
<style>
{{ style }}
body { max-width: 44rem; }
.bar { height: .6rem; border-radius: .3rem; background: var(--line); overflow: hidden;
  margin: 1rem 0 .5rem; }
.bar div { height: 100%; background: var(--good); }
.sum { font-size: 1.15rem; }
</style>
</head>
<body>
<p class="faint">{{ title }}</p>
<h1>{{ student.name }}</h1>
{% if student.problem %}
<div class="notice">
<p><strong>Your work could not be read.</strong></p>
<p class="words">{{ student.problem }}</p>
</div>
{% endif %}
<div class="bar" role="img" aria-label="{{ student.points }} of {{ most }} points">
<div style="width: {{ (100 * student.points / (most or 1)) | round(1) }}%"></div>
</div>
<p class="sum"><strong>{{ student.points }} of {{ most }} points</strong></p>
{% if not student.problem %}
<p class="faint">
{%- for status, said in counted if counts[status] %}
{{- " · " if not loop.first }}{{ counts[status] }} {{ said }}
{%- endfor %}</p>
{% for row in student.rows.values() %}
<section class="card">
<header>
<h3><code>{{ row.exercise }}</code></h3>
<span class="{{ row.status }}">{{ signs[row.status] }} {{ words[row.status] }}</span>
<span class="points">{{ row.points }} of {{ row.max }}</span>
</header>
{% if row.message %}
<p class="words">{{ row.message.strip() }}</p>
{% endif %}
</section>
{% endfor %}
{% if student.points < most %}
<p class="faint">In the notebook, <code>hint("{{ first_missed }}")</code> gives a hint, and
<code>check("{{ first_missed }}", {{ first_missed }})</code> tries an answer again.</p>
{% endif %}
{% endif %}
{% if files %}
<p class="faint">Handed in{{ " late" if student.any_row.late }}: {{ files }}</p>
{% endif %}
</body>
</html>
"""

_SUMMARY = """\
<title>{{ title }}: summary</title>
<style>
{{ style }}
body { max-width: 62rem; }
.numbers { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1.25rem 0; }
.numbers div { color: var(--faint); }
.numbers strong { display: block; font-size: 1.6rem; line-height: 1.2; color: var(--text); }
svg { display: block; width: 100%; max-width: 44rem; height: auto; }
svg text { fill: var(--faint); font-size: 12px; text-anchor: middle; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); }
ol.monday { padding: 0; list-style: none; }
.monday li { display: grid; grid-template-columns: 4.5rem 1fr; gap: 0 1rem; padding: .7rem 0;
  border-top: 1px solid var(--line); }
.monday .count { font-size: 1.4rem; line-height: 1.2; }
.monday .count small { display: block; font-size: .8rem; color: var(--faint); }
.parts { display: flex; height: .6rem; border-radius: .3rem; overflow: hidden; margin: .5rem 0;
  background: var(--line); gap: 1px; }
.parts .correct { background: var(--good); } .parts .wrong, .parts .error { background: var(--bad); }
.parts .todo { background: var(--open); opacity: .6; }
details { margin: .15rem 0 .5rem; } summary { cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: center; }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; min-width: 9rem; }
td.error { text-align: left; }
th { font-weight: 600; vertical-align: bottom; } td.number { font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<p class="faint">{{ title }}</p>
<h1>Summary for the instructor</h1>
{% if not isolated %}
<div class="notice"><strong>These answers ran without isolation.</strong> This system offers none,
so a student's code could have read and changed whatever you can. If you do not trust it, grade on
Linux.</div>
{% endif %}
<div class="numbers">
<div><strong>{{ students | length }}</strong>submissions</div>
<div><strong>{{ "%.1f" | format(average) }}</strong>points on average, of {{ most }}</div>
<div><strong>{{ middle }}</strong>points at the median</div>
<div><strong>{{ full }}</strong>with all points</div>
{% if unreadable %}<div><strong>{{ unreadable | length }}</strong>could not be read</div>{% endif %}
</div>

<h2>How the points are spread</h2>
{{ histogram }}

<h2>What to explain again</h2>
{% if monday %}
<ol class="monday">
{% for mistake in monday %}
<li><div class="count">{{ mistake.students | length }}<small>of {{ readable }}</small></div>
<div><p class="words">{{ mistake.message }}</p>
<p class="faint"><code>{{ mistake.exercise }}</code></p></div></li>
{% endfor %}
</ol>
<p class="faint">The mistakes that were made most, over all exercises. Below: all of them, and who
made them.</p>
{% else %}
<p>No two students made the same mistake.</p>
{% endif %}

<h2>Exercise by exercise</h2>
{% for exercise in by_exercise %}
<section class="card">
<header><h3><code>{{ exercise.name }}</code></h3>
<span class="points">
{%- for status, said in counted if exercise.counts[status] %}
{{- " · " if not loop.first }}{{ exercise.counts[status] }} {{ said }}
{%- endfor %}</span></header>
<div class="parts" aria-hidden="true">
{% for status, _ in counted if exercise.counts[status] %}
<div class="{{ status }}" style="flex: {{ exercise.counts[status] }}"></div>
{% endfor %}
</div>
{% for mistake in exercise.mistakes %}
<details>
<summary><strong>{{ mistake.students | length }}</strong> × <span class="words">
{{- mistake.message }}</span></summary>
<p class="faint">{{ mistake.students | join(", ") }}</p>
</details>
{% endfor %}
{% if exercise.open %}
<details>
<summary><strong>{{ exercise.open | length }}</strong> × not answered</summary>
<p class="faint">{{ exercise.open | join(", ") }}</p>
</details>
{% endif %}
</section>
{% endfor %}

{% if unreadable or noted or nothing or ignored %}
<h2>To look at yourself</h2>
<ul>
{% for student in unreadable %}
<li><strong>{{ student.name }}</strong> ({{ student.any_row.file }}): {{ student.problem }}</li>
{% endfor %}
{% for student in nothing %}
<li><strong>{{ student.name }}</strong> ({{ student.any_row.file }}): nothing is answered. Is it the
right file?</li>
{% endfor %}
{% for student in noted %}
<li><strong>{{ student.name }}</strong>: {{ student.note }}</li>
{% endfor %}
{% if ignored %}
<li>Passed over, as nobody's submission: {{ ignored | join(", ") }}</li>
{% endif %}
</ul>
{% endif %}

<h2>Students</h2>
<div class="scroll">
<table>
<thead><tr><th scope="col">Student</th>
{% for name in worth %}<th scope="col"><code>{{ name | replace("_", "_\u200b") }}</code></th>
{% endfor %}<th scope="col">Total</th></tr></thead>
<tbody>
{% for student in students %}
<tr><td><a href="feedback/{{ pages[student.name] | urlencode }}">{{ student.name }}</a></td>
{%- if student.problem %}
<td class="error" colspan="{{ worth | length }}">could not be read</td>
{%- else %}
{%- for name in worth %}
{%- set row = student.rows.get(name) %}
<td>{% if row %}<span class="{{ row.status }}" title="{{ words[row.status] }}">
{{- signs[row.status] }}</span>{% endif %}</td>
{%- endfor %}
{%- endif %}<td class="number">{{ student.points }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
<p class="faint">{% for status, sign in signs.items() %}{{ "; " if not loop.first -}}
<span class="{{ status }}">{{ sign }}</span> {{ words[status] }}{% endfor %}.</p>
<p class="faint">Isolation: {{ isolation }}. Seed{{ "s" if seeds | length > 1 }}:
{{ seeds | join(", ") }}.</p>
</body>
</html>
"""

WORDS = {
    "correct": "correct",
    "wrong": "not yet right",
    "error": "stopped with an error",
    "todo": "not answered",
}
SIGNS = {"correct": "✓", "wrong": "✗", "error": "!", "todo": "–"}
MOST_EXPLAINED = 5

_TEMPLATES = jinja2.Environment(
    loader=jinja2.DictLoader({"feedback": _TOP + _FEEDBACK, "summary": _TOP + _SUMMARY}),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {
    "style": Markup(_STYLE),
    "words": WORDS,
    "signs": SIGNS,
    "counted": list(WORDS.items()),
}


def title_of(rows: list[dict]) -> str:
    """What was graded, such as "Lesson 01: perceptron"."""
    lessons = list(dict.fromkeys(row["lesson"] for row in rows))
    if len(lessons) != 1 or not lessons[0]:
        return "Assignment"
    number, _, name = lessons[0].partition("_")
    return f"Lesson {number}: {name.replace('_', ' ')}"


def feedback(student: records.Student, title: str) -> str:
    """A student's own page: what is right, and what to look at where it is not."""
    rows = student.rows.values()
    missed = [row["exercise"] for row in rows if row["status"] != "correct"]
    return _TEMPLATES.get_template("feedback").render(
        student=student,
        title=title,
        most=sum(row["max"] for row in rows),
        counts=Counter(row["status"] for row in rows),
        first_missed=missed[0] if missed else "",
        files=", ".join(dict.fromkeys(row["file"] for row in rows)),
    )


def summary(rows: list[dict], ignored: list[str]) -> str:
    """The instructor's page: marks, and for each exercise the mistakes that were made most.

    ignored: files that were found beside the submissions and belong to no student.
    """
    students = records.students(rows)
    worth = records.exercises(rows)
    mistakes = records.mistakes(rows)
    totals = [student.points for student in students] or [0]
    most = sum(worth.values())
    readable = [student for student in students if not student.problem]
    isolation = sorted({row["isolation"] for row in rows if not row["problem"]})
    nothing = [s for s in readable if all(row["status"] == "todo" for row in s.rows.values())]
    monday = [m for m in mistakes if m.status == "wrong" and len(m.students) > 1]
    by_exercise = []
    for name in worth:
        own = [student.rows[name] for student in readable if name in student.rows]
        by_exercise.append(
            {
                "name": name,
                "counts": Counter(row["status"] for row in own),
                "mistakes": [mistake for mistake in mistakes if mistake.exercise == name],
                "open": [row["student"] for row in own if row["status"] == "todo"],
            }
        )
    return _TEMPLATES.get_template("summary").render(
        title=title_of(rows),
        students=students,
        worth=worth,
        most=most,
        average=mean(totals),
        middle=f"{median(totals):g}",
        full=sum(student.points == most for student in readable),
        readable=len(readable),
        unreadable=[student for student in students if student.problem],
        noted=[student for student in students if student.note],
        nothing=nothing,
        ignored=ignored,
        histogram=_histogram(totals, most),
        monday=monday[:MOST_EXPLAINED],
        by_exercise=sorted(by_exercise, key=lambda e: e["counts"]["correct"]),
        pages=file_names([student.name for student in students]),
        isolated=not set(isolation) & set(sandbox.OPEN),
        isolation=", ".join(isolation) or "nothing was run",
        seeds=sorted({row["seed"] for row in rows}),
    )


def _histogram(totals: list[int], most: int):
    """How many students have how many points, as a drawing: at most 21 bars."""
    width = -(-(most + 1) // 21)  # points a bar
    counts = Counter(total // width for total in totals)
    bars = most // width + 1
    step, height, tallest = 640 / bars, 140, max(counts.values())
    drawn = []
    for i in range(bars):
        tall = height * counts[i] / tallest
        x, middle = i * step + step * 0.1, i * step + step / 2
        last = min((i + 1) * width - 1, most)
        label = f"{i * width}" if last == i * width else f"{i * width}–{last}"
        if counts[i]:
            y = 20 + height - tall
            drawn.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" height="{tall:.1f}"'
                f' rx="2"/><text x="{middle:.1f}" y="{y - 5:.1f}">{counts[i]}</text>'
            )
        drawn.append(f'<text x="{middle:.1f}" y="{height + 38}">{label}</text>')
    said = ", ".join(f"{count} with {total}" for total, count in sorted(Counter(totals).items()))
    return Markup(
        f'<svg viewBox="0 0 640 200" role="img" aria-label="Students by points: {said}">'
        f'<line x1="0" y1="{height + 20}" x2="640" y2="{height + 20}"/>{"".join(drawn)}'
        f'<text x="320" y="{height + 57}">points</text></svg>'
    )


def file_names(students: list[str]) -> dict[str, str]:
    """A name for each student's page: fit for every file system, and never the same twice.

    Letters and digits of any script stay. Where two students would get one name, or a name means
    something to Windows, a hash of the real one tells them apart, whoever else is in the list.
    """
    plain = {name: re.sub(r"[^\w-]+", "_", name)[:50].strip("_") for name in students}
    often = Counter(stem.casefold() for stem in plain.values())
    for name, stem in plain.items():
        if often[stem.casefold()] > 1 or not stem or _WINDOWS_DEVICE.fullmatch(stem):
            plain[name] = f"{stem}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
    return {name: f"{stem}.html" for name, stem in plain.items()}


def is_ours(path: Path) -> bool:
    """Whether a file is a page that was made here, and may be removed."""
    with path.open("rb") as file:
        return b'<meta name="generator" content="nnlib grade">' in file.read(1000)


_WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
