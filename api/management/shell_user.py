"""Who is at the shell: the operating system's user, which the environment cannot change."""

import os
import pwd

from domain.events import Actor, ActsFor


def shell_actor(named: str | None) -> Actor:
    """The operating system's user; if another name is given, acting for that person."""
    user = shell_user()
    return user if named is None or named == user else ActsFor(user, named)


def shell_user() -> str:
    """The name of the process's user, by its id: `LOGNAME` and `USER` could say anything.

    In a container the id may have no name; then it is `uid 1000`.
    """
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
