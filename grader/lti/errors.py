"""What can go wrong between the platform and us, in a sentence for whoever sees it."""

from __future__ import annotations

from grader.errors import GraderError
from grader.i18n import Text, text


class LtiError(GraderError):
    """The platform and the tool do not understand each other; ``detail`` is for the log."""

    def __init__(self, message: Text, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class LaunchRefused(LtiError):
    """A launch breaks a rule. ``code`` names the rule, ``section`` the place it stands."""

    def __init__(self, code: str, section: str, detail: str) -> None:
        message = text(
            "The link from your course was refused. Go back to the course and open it again. If "
            "it happens twice, give your teacher this word: {code}.",
            code=code,
        )
        super().__init__(message, f"{code}: {detail} [{section}]")
        self.code = code
        self.section = section


class PlatformUnreachable(LtiError):
    """The platform did not answer, or not with what was asked for. Trying later may help."""

    def __init__(self, detail: str, status: int | None = None) -> None:
        super().__init__(
            text("The learning platform did not answer as expected. Try again in a minute."), detail
        )
        self.status = status


class RegistrationFailed(LtiError):
    """The platform could not be registered; ``detail`` says at which step."""

    def __init__(self, detail: str) -> None:
        message = text("The platform could not be registered: {detail}.", detail=detail)
        super().__init__(message, detail)
