"""One module for each form of a report; all of them read the same ``Result``."""
