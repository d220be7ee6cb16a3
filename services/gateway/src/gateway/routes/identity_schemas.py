from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from gateway.routes.schemas import Request, without_nul

Role = Literal["customer_service", "engineer", "quality", "manager", "admin", "channel", "partner"]
Language = Literal["zh", "en"]
Short = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(without_nul)]
Account = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.@+-]+$", examples=["wang.fang"])]
Password = Annotated[str, Field(min_length=10, max_length=200, examples=["a long passphrase"])]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", examples=["wang.fang@example.com"])]
Roles = Annotated[list[Role], Field(min_length=1, max_length=7), AfterValidator(lambda roles: sorted(set(roles)))]
Scope = Annotated[dict[Short, Annotated[list[Short], Field(max_length=1000)]], Field(max_length=20)]


class NewToken(Request):
    account: Annotated[str, Field(max_length=100), AfterValidator(without_nul)]
    password: Annotated[str, Field(max_length=200)]


class Token(BaseModel):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds")


class Me(BaseModel):
    actor: str = Field(description="A person_id, or key:<key_id>")
    name: str
    roles: list[Role]
    department: str | None
    scope: dict[str, list[str]]


class NewPersonBody(Request):
    account: Account
    name: Short
    email: Email | None = None
    password: Password
    roles: Roles
    department: Short | None = None
    lead: bool = False
    language: Language = "zh"


class PersonChanges(Request):
    """Only what is named changes; `email` and `department` may be set to null."""

    name: Short = ""
    email: Email | None = None
    password: Password = ""
    roles: Roles = Field(default_factory=list)
    department: Short | None = None
    lead: bool = False
    language: Language = "zh"


class DisableBody(Request):
    reason: Annotated[str, Field(max_length=1000), AfterValidator(without_nul)] = ""


class PersonReply(BaseModel):
    person_id: str
    account: str
    name: str
    email: str | None
    roles: list[Role]
    department: str | None
    lead: bool
    language: Language
    disabled_at: datetime | None
    version: int
    created_at: datetime


class PersonList(BaseModel):
    items: list[PersonReply]
    next_cursor: str | None


class NewKeyBody(Request):
    name: Short
    roles: Roles
    rate_per_s: Annotated[float, Field(gt=0, le=100_000)] | None = None
    scope: Scope = Field(default_factory=dict)


class KeyReply(BaseModel):
    key_id: str
    name: str
    roles: list[Role]
    rate_per_s: float | None
    scope: dict[str, Any]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


class IssuedKey(KeyReply):
    key: str | None = Field(description="Shown once; null when the same Idempotency-Key is sent again")


class KeyList(BaseModel):
    items: list[KeyReply]
    next_cursor: str | None
