"""The web service: students hand in, teachers look, the LMS gets its scores.

Two kinds of process on one database. The web process (:mod:`grader.service.app`) never runs a
student's code; workers (:mod:`grader.service.worker`) claim jobs, grade them in the sandbox and
deliver scores. Any of them, and the database, may die at any moment: what was acknowledged is on
the disk and in the database, and everything else is done again.
"""
