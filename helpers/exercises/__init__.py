"""Checks, hints and solutions: one module a lesson, on the common base of `base`.

In a lesson:

    from helpers.exercises import lesson_01 as ex

    ex.q1.check(my_answer)   # not tried yet / not yet, and why / correct, and why
    ex.q1.hint()             # one hint more with every call
    ex.q1.solution()
    ex.progress()            # what is right, what is not yet, what is open

A new lesson adds one file with a class for each exercise: an `implements.Implements`
where a function is written, `predictions.Predictions` where several numbers are
predicted, a `base.Exercise` for all else. A question on the way, `p1`, is a
`questions.Question`: data, and no code.
"""
