"""Are the verdicts of ``densefit.learning_curves`` true? Asked of real trainings.

``grid`` trains, ``truth`` says from replicate seeds what would have helped, ``rules`` are the
readings compared, ``__main__`` counts how often each agrees with the truth.
"""
