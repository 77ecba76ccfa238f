"""Grades a whole class: reads what an LMS downloads, and loses or repeats nothing."""
