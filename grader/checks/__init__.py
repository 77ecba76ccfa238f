"""Checks: laws that a function's results must obey, on inputs drawn from a description."""

from grader.checks.model import Answers, Check, FunctionChecks, Law, Problem
from grader.checks.shown import Element

__all__ = ["Answers", "Check", "Element", "FunctionChecks", "Law", "Problem"]
