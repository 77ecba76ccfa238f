"""The words of the pages, in every language; where a number goes in, ``{gaps}`` are left."""

from __future__ import annotations

from functools import cache

from grader.i18n import Text, text


@cache
def words(language: str) -> dict[str, str]:
    """Every word of the pages in one language."""
    return {name: message[language] for name, message in _words().items()}


def _words() -> dict[str, Text]:
    return {**_common(), **_student(), **_report(), **_teacher(), **_doors()}


def _common() -> dict[str, Text]:
    return {
        "start": text("Start page"),
        "leave": text("Sign out"),
        "language": text("Language"),
        "skip": text("Skip to the content"),
        "course": text("Course"),
        "assignments": text("Assignments"),
        "none_yet": text("Nothing here yet."),
        "as_student": text("See it as a student"),
        "dashboard": text("Class"),
    }


def _student() -> dict[str, Text]:
    return {
        "hand_in": text("Hand in"),
        "drop": text("Drop your files here, or choose them"),
        "kinds": text(
            ".py, .ipynb or .zip, with diagnosis.toml and its histories if you have them; at most "
            "{megabytes} MB",
            megabytes="{megabytes}",
        ),
        "paste": text("Or paste your code"),
        "needs": text("Your code defines:"),
        "send": text("Hand in and check"),
        "sending": text("Sending …"),
        "unreachable": text("The server cannot be reached. Trying again by itself …"),
        "too_often": text("That was very often. Wait a minute, then send again."),
        "chosen": text("Chosen files:"),
        "experiment": text("Your experiment: number {number}", number="{number}"),
        "experiment_setting": text(
            "{samples} images, units {units}, learning rate {rate}, {epochs} epochs",
            samples="{samples}",
            units="{units}",
            rate="{rate}",
            epochs="{epochs}",
        ),
        "experiment_how": text(
            "This experiment is yours. Write the number into the last cell of the notebook and run "
            "it; hand in history.json as it is, together with diagnosis.toml."
        ),
        "experiment_short": text("Experiment"),
        "their_experiment": text("Personal experiment: number {number}", number="{number}"),
        "attempts": text("Your attempts"),
        "attempt": text("Attempt {number}", number="{number}"),
        "received": text("Received"),
        "late": text("late"),
        "points": text("Points"),
        "state": text("State"),
        "file": text("File"),
        "counts_last": text("The newest attempt that was graded counts."),
        "counts_best": text("The best attempt counts."),
        "at_most": text("You may hand in {limit} times.", limit="{limit}"),
        "queued": text("Waiting: {ahead} before you", ahead="{ahead}"),
        "queued_next": text("Waiting: you are next"),
        "queued_short": text("waiting"),
        "running": text("Being checked …"),
        "running_short": text("being checked"),
        "done_short": text("checked"),
        "failed_short": text("could not be checked"),
        "safe": text("Your submission is saved. You may close this page and come back."),
        "not_checked": text(
            "It could not be checked. This says nothing about your work; your teacher can start "
            "it again."
        ),
        "again": text("Hand in another attempt"),
        "saved_as": text("Download what was handed in"),
        "by_hand": text("Points given by your teacher"),
    }


def _report() -> dict[str, Text]:
    return {
        "report": text("Report"),
        "score": text("Score"),
        "passed": text("passed"),
        "failed": text("failed"),
        "error": text("error"),
        "skipped": text("not checked"),
        "hint": text("Hint"),
        "call": text("This call shows it:"),
        "got": text("is {got}", got="{got}"),
        "expected": text("expected {expected}", expected="{expected}"),
        "trace": text("Where it happened"),
        "output": text("What your code printed (start):"),
        "correct": text("What to correct"),
        "all_passed": text("Every check passed."),
        "check": text("Check"),
        "function": text("Function"),
        "seed": text("Seed {seed}", seed="{seed}"),
    }


def _teacher() -> dict[str, Text]:
    return {
        "graded": text("Graded"),
        "mean": text("Mean"),
        "median": text("Median"),
        "waiting": text("In the queue"),
        "distribution": text("Distribution of points"),
        "hardest": text("Hardest checks"),
        "failed_of": text("failed by {failed} of {tried}", failed="{failed}", tried="{tried}"),
        "mistakes": text("Commonest misconceptions"),
        "people": text("students: {people}", people="{people}"),
        "curves": text("Learning curves"),
        "curves_of": text("Learning curves side by side"),
        "curves_key": text("solid: training loss, dashed: validation loss, circle: best epoch"),
        "no_curves": text("Nobody has handed in the history of an own experiment yet."),
        "epochs": text("{epochs} epochs", epochs="{epochs}"),
        "students": text("Students"),
        "name": text("Name"),
        "number": text("Student number"),
        "nothing": text("not handed in"),
        "lms": text("In the LMS"),
        "sent": text("arrived"),
        "waiting_lms": text("on its way"),
        "refused": text("refused"),
        "refused_help": text(
            "The LMS refuses these scores. Is the person enrolled as a student, and does the "
            "column still exist? Then push again."
        ),
        "push": text("Push all scores again"),
        "roster": text("Read the list of students from the LMS"),
        "regrade": text("Grade again"),
        "regrade_all": text("Grade all again"),
        "export": text("Export as CSV"),
        "invite": text("Invite the class"),
        "invite_help": text(
            "Send this link to your students. It is valid for {days} days. Everyone who opens it "
            "types a name and is in.",
            days="{days}",
        ),
        "by_hand": text("changed by hand"),
        "decide": text("Decide the points yourself"),
        "reason": text("Reason (the student reads it)"),
        "save": text("Save"),
        "withdraw": text("Back to the graded points"),
        "author": text("Handed in by"),
        "students_bin": text(
            "{low} to {high} %: {count}", low="{low}", high="{high}", count="{count}"
        ),
    }


def _doors() -> dict[str, Text]:
    return {
        "join": text("Come in"),
        "join_help": text("Open the invitation link that your teacher sent you."),
        "join_wrong": text(
            "This invitation is not valid (any more). Ask your teacher for a new one."
        ),
        "your_name": text("Your name, as your teacher knows it"),
        "welcome": text("Welcome, {name}", name="{name}"),
        "keep_link": text(
            "This is your own link. Save it as a bookmark: with it you come back, on any computer. "
            "Do not give it to anybody."
        ),
        "go_on": text("Go on"),
        "opening": text("Opening …"),
        "new_window": text("Open in a new window"),
        "new_window_help": text(
            "Your browser keeps no cookies inside the page of the course. Open the activity in a "
            "window of its own."
        ),
        "pick": text("Which assignment?"),
        "pick_help": text("The activity and its column in the gradebook are made for you."),
        "add": text("Add to the course"),
        "choose_help": text(
            "This activity does not say which assignment it is. What you choose counts for "
            "everybody who opens it."
        ),
        "choose": text("Choose"),
        "registered": text("Registered"),
        "registered_help": text(
            "{issuer} may now open this service. Activate the tool there, then add an activity.",
            issuer="{issuer}",
        ),
        "close": text("Close"),
        "no_script": text("This page needs JavaScript for one step."),
    }


def error_words(status: int) -> tuple[Text, Text | None]:
    """What a status means to a reader, and what to do."""
    known: dict[int, tuple[Text, Text | None]] = {
        400: (text("Something in the request was wrong."), text("Go back and try again.")),
        401: (
            text("You are not signed in, or no longer."),
            text("Open the activity in your course again, or your own invitation link."),
        ),
        403: (
            text("That is not for you, or the page was too old."),
            text("Go back, load the page again, and try once more."),
        ),
        404: (text("There is nothing here, or it is not yours."), None),
        405: (text("Something in the request was wrong."), None),
        413: (text("That is too large."), text("Hand in only your source files.")),
        429: (text("That was very often. Wait a minute, then send again."), None),
        503: (
            text("The service is starting again."),
            text("Nothing you handed in is lost. Load the page again in a few seconds."),
        ),
    }
    other = text("Something went wrong in the service. It was written down; try again.")
    return known.get(status, (other, None))
