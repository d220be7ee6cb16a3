"""What only the public door refuses; everything else of the tree is in chassis.errors."""

from chassis.errors import FieldError, Forbidden, Malformed, RedressError


class MalformedHeader(Malformed):
    def __init__(self, header: str, message: str) -> None:
        super().__init__(f"the header {header} cannot be read", [FieldError(header, message)])


class ForgedActor(Forbidden):
    """The request tries to say who acts; only credentials say that."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} may not be sent: who acts is read from the credentials alone", slug="forged_actor")
        self.fields = [FieldError(name, "may not be sent by a client")]


class TimedOut(RedressError):
    slug = "request_timeout"
    status = 408


class BodyTooLarge(RedressError):
    slug = "body_too_large"
    status = 413


class UnsupportedMediaType(RedressError):
    slug = "unsupported_media_type"
    status = 415


class PreconditionRequired(RedressError):
    slug = "precondition_required"
    status = 428


class HeadersTooLarge(RedressError):
    slug = "headers_too_large"
    status = 431
