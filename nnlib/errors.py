"""The errors that a user can act on."""


class CourseError(Exception):
    """Something the user can mend; the text says what is wrong and what to do.

    A command ends with that text and exit code 2.
    """
