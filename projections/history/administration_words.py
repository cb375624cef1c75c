"""What happened to the log as a whole, to accounts and to their rights, in words."""

from collections.abc import Sequence
from datetime import datetime

from domain.administration import events
from domain.events import Event


def administration_in_words(event: Event) -> str | None:
    """A short sentence without a subject, such as `gave ada the role viewer`; None for others."""
    match event:
        case events.ClockJumpAccepted():
            return f"accepted that the log's time was {event.ahead_seconds:,} seconds ahead"
        case events.LogAccepted():
            return f"accepted that the log lacks events that were remembered: {_heads(event)}"
        case events.AccountCreated():
            return f"created the account {event.account} with {_listed(event.rights)}"
        case events.AccountRenamed():
            return f"renamed the account {event.former_name} to {event.account}"
        case events.AccountDisabled():
            return f"disabled the account {event.account}"
        case events.AccountEnabled():
            return f"enabled the account {event.account}"
        case events.AccountDeleted():
            return f"deleted the account {event.account}"
        case events.RightsChanged():
            return f"changed the rights of {event.account}: {_change(event.before, event.after)}"
        case events.PasswordChanged():
            done = "changed" if event.has_password else "removed"
            return f"{done} the password of {event.account}"
        case events.TokenCreated():
            limit = f", only for {_listed(event.roles)}" if event.roles else ""
            until = f"until {_day(event.expires_at)}" if event.expires_at else "without an end"
            return f"made {_token(event.label)} for {event.account}{limit}, {until}"
        case events.TokenRevoked():
            return f"revoked {_token(event.label)} of {event.account}"
        case events.RoleRedefined():
            return f"changed the role {event.role}: {_change(event.before, event.after)}"
        case events.LoginUnlocked():
            return f"let {event.account} try to log in again"
        case events.LoginFailed():
            return _failed(event)
        case events.TrailRead():
            times = "once" if event.requests == 1 else f"in {event.requests:,} requests"
            return f"read {event.what} {times}, from {_minute(event.opened_at)}"
        case events.ExportTaken():
            rows = "1 row" if event.rows == 1 else f"{event.rows:,} rows"
            only = "".join(f" {name}={value}" for name, value in event.parameters.items())
            return (
                f"took {rows} of {event.contents} as {event.file_format}, as of position "
                f"{event.log_position:,}{only and ':'}{only}"
            )
    return None


def _failed(event: events.LoginFailed) -> str:
    """`5 failed logins of ada by password from 192.0.2.1, locked until 2026-11-27 09:45`."""
    if event.account:
        whose = f" of {event.account}"
    elif event.name_digest:
        whose = f" of a name that is no account ({event.name_digest[:8]})"
    else:
        whose = "" if event.address else " of others"
    count = f"{event.failures:,} failed login{'' if event.failures == 1 else 's'}"
    refused = f" and {event.refused:,} refused" if event.refused else ""
    address = f" from {event.address}" if event.address else ""
    until = f", locked until {_minute(event.locked_until)}" if event.locked_until else ""
    return f"{count}{refused}{whose} by {event.means}{address}{until}"


def _minute(moment: datetime) -> str:
    """A time to the minute, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _heads(event: events.LogAccepted) -> str:
    """The last positions that the log had, by what was remembered."""
    told = sorted({f"position {head.position:,}" for head in event.lost})
    return ", ".join(told) or "none are named"


def _day(moment: datetime) -> str:
    """The day of a time, in UTC."""
    return moment.strftime("%Y-%m-%d")


def _token(label: str) -> str:
    return f"the token {label!r}" if label else "a token"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "no rights"


def _change(before: Sequence[str], after: Sequence[str]) -> str:
    """`added viewer; removed auditor`."""
    added = [name for name in after if name not in before]
    removed = [name for name in before if name not in after]
    parts = (("added", added), ("removed", removed))
    return "; ".join(f"{what} {', '.join(names)}" for what, names in parts if names)
