"""Grades NumPy implementations of neural-network mathematics; see ``grader --help``."""
