"""Events of the log as a whole, of accounts, and of readers. The metadata says who and why."""

from datetime import datetime
from typing import ClassVar

from domain.administration.values import LostHead, Means
from domain.events import Event


class AdministrationEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the log as a whole, to accounts, or to readers."""


class ClockJumpAccepted(AdministrationEvent, frozen=True, kw_only=True):
    """Somebody accepted that the log's time is ahead of the clock.

    `until` is the accepted time of the log. It was `ahead_seconds` ahead of the database server's
    clock. The log ended at `log_position` then, with the hash `chain_head`.
    """

    TOPIC: ClassVar[str] = "administration.ClockJumpAccepted"
    until: datetime
    ahead_seconds: int
    log_position: int
    chain_head: str


class LogAccepted(AdministrationEvent, frozen=True, kw_only=True):
    """Somebody accepted that the log lost events, or that it is not the one remembered.

    `lost` are the heads that were remembered and are not in the log. The log ended at
    `log_position` when it was accepted, with the hash `chain_head`.
    """

    TOPIC: ClassVar[str] = "administration.LogAccepted"
    lost: tuple[LostHead, ...]
    log_position: int
    chain_head: str


class AccountEvent(AdministrationEvent, frozen=True, kw_only=True):
    """Something that happened to an account.

    `account` is its name at that time; `account_id` stays the same when it is renamed.
    """

    account: str
    account_id: int


class AccountCreated(AccountEvent, frozen=True, kw_only=True):
    """An account was created.

    `rights` are its roles, `superuser`, `staff` and single permissions, such as `api.read_audit`.
    """

    TOPIC: ClassVar[str] = "administration.AccountCreated"
    rights: tuple[str, ...]
    has_password: bool


class AccountRenamed(AccountEvent, frozen=True, kw_only=True):
    """An account got another name; `former_name` is the one before."""

    TOPIC: ClassVar[str] = "administration.AccountRenamed"
    former_name: str


class AccountDisabled(AccountEvent, frozen=True, kw_only=True):
    """An account can no longer log in, and its tokens no longer work."""

    TOPIC: ClassVar[str] = "administration.AccountDisabled"


class AccountEnabled(AccountEvent, frozen=True, kw_only=True):
    """A disabled account may log in again."""

    TOPIC: ClassVar[str] = "administration.AccountEnabled"


class AccountDeleted(AccountEvent, frozen=True, kw_only=True):
    """An account was deleted, with its tokens."""

    TOPIC: ClassVar[str] = "administration.AccountDeleted"


class RightsChanged(AccountEvent, frozen=True, kw_only=True):
    """What an account may do changed: its roles, `superuser`, `staff`, or single permissions."""

    TOPIC: ClassVar[str] = "administration.RightsChanged"
    before: tuple[str, ...]
    after: tuple[str, ...]


class PasswordChanged(AccountEvent, frozen=True, kw_only=True):
    """An account got another password, or none any more."""

    TOPIC: ClassVar[str] = "administration.PasswordChanged"
    has_password: bool


class TokenCreated(AccountEvent, frozen=True, kw_only=True):
    """A token was made. Empty `roles` mean that it may do all that the account may."""

    TOPIC: ClassVar[str] = "administration.TokenCreated"
    token_id: int
    label: str
    roles: tuple[str, ...]
    expires_at: datetime | None


class TokenRevoked(AccountEvent, frozen=True, kw_only=True):
    """A token was revoked, or replaced by a new one."""

    TOPIC: ClassVar[str] = "administration.TokenRevoked"
    token_id: int
    label: str


class RoleRedefined(AdministrationEvent, frozen=True, kw_only=True):
    """What a role allows was changed; empty if the role did not exist, or does not any more."""

    TOPIC: ClassVar[str] = "administration.RoleRedefined"
    role: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class LoginUnlocked(AccountEvent, frozen=True, kw_only=True):
    """An account may try to log in again at once."""

    TOPIC: ClassVar[str] = "administration.LoginUnlocked"


class LoginFailed(AdministrationEvent, frozen=True, kw_only=True):
    """Logins failed: those of one account, or name, from one address in one period.

    `failures` were wrong; `refused` came while the account or the address was locked, and were not
    checked. For a name that is no account there is only `name_digest`, which is keyed: people type
    passwords there. An unknown token has neither. Without `address` too, these are all those
    beyond the number of events that one period may have. `address` is a whole network for IPv6.
    """

    TOPIC: ClassVar[str] = "administration.LoginFailed"
    account: str | None
    account_id: int | None
    name_digest: str | None
    address: str | None
    means: Means
    failures: int
    refused: int
    first_at: datetime
    last_at: datetime
    locked_until: datetime | None


class TrailRead(AccountEvent, frozen=True, kw_only=True):
    """Somebody read the whole log, or a file of events: `what` says which, in how many requests."""

    TOPIC: ClassVar[str] = "administration.TrailRead"
    what: str
    opened_at: datetime
    last_at: datetime
    requests: int


class ExportTaken(AdministrationEvent, frozen=True, kw_only=True):
    """Somebody took a list as a file: the metadata says who.

    `contents` names the list, `parameters` are its filters and its ordering as they were given.
    The file has `rows` rows as of `log_position`, and the SHA-256 `sha256`; whether it was asked
    to be signed is `signed`.
    """

    TOPIC: ClassVar[str] = "administration.ExportTaken"
    contents: str
    file_format: str
    parameters: dict[str, str]
    log_position: int
    rows: int
    size_bytes: int
    sha256: str
    signed: bool


EVENTS: tuple[type[AdministrationEvent], ...] = (
    ClockJumpAccepted,
    LogAccepted,
    AccountCreated,
    AccountRenamed,
    AccountDisabled,
    AccountEnabled,
    AccountDeleted,
    RightsChanged,
    PasswordChanged,
    TokenCreated,
    TokenRevoked,
    RoleRedefined,
    LoginUnlocked,
    LoginFailed,
    TrailRead,
    ExportTaken,
)
