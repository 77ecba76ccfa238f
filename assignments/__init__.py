"""The assignments that come with the grader, one folder each."""
