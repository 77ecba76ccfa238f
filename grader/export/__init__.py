"""Hands grades on: to the gradebook of an LMS, to a spreadsheet, to Gradescope."""
