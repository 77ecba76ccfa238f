"""One small exercise, in this grader and in others: how long it takes, and whom a patch fools.

Every grader has an environment of its own, which ``make bench-graders`` makes; those that are not
there are left out and named.
"""
