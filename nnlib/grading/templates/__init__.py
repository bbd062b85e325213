"""The texts that are filled in: pages for students and instructors, and what goes with a hand-out."""

import jinja2

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("nnlib.grading"),
    autoescape=jinja2.select_autoescape(["html"]),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render(template: str, **values) -> str:
    """The text of the template of that name with these values in it; in HTML, they are escaped."""
    return _TEMPLATES.get_template(template).render(values)
