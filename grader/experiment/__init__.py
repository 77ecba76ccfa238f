"""Personal experiments: every student trains an own network, and the grader trains it again.

``family`` derives the variants, ``replay`` trains, ``statistics`` asks replicate seeds what can be
defended, ``preparation`` does so for a whole class beforehand. No answer key is stored: everything
follows from training, which gives the same bits everywhere.
"""
