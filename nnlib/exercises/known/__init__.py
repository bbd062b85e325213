"""What is known of the exercises: right answers, judges, mistakes, hints. One file a lesson.

It never goes to where a stranger's answer runs.
"""
