"""Where the service is, and how to get in: the environment, or a small file.

The file is `~/.config/restorelog.ini` (or in `XDG_CONFIG_HOME`), with one section, `[restorelog]`.
The environment wins over it.
"""

from __future__ import annotations

import configparser
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .transport import ClientError

SECTION = "restorelog"
VARIABLES = {
    "url": "RESTORELOG_URL",
    "token": "RESTORELOG_TOKEN",
    "token_file": "RESTORELOG_TOKEN_FILE",
    "token_command": "RESTORELOG_TOKEN_COMMAND",
    "spool": "RESTORELOG_SPOOL",
    "ca_file": "RESTORELOG_CA_FILE",
    "allow_http": "RESTORELOG_ALLOW_HTTP",
}
"""Names in the file, and in the environment."""
TOKENS = ("token", "token_file", "token_command")
COMMAND_SECONDS = 30


class NotConfigured(ClientError):
    """The configuration is missing, or cannot be used."""


@dataclass(frozen=True)
class Configuration:
    """What was found in the environment and in the file; empty where nothing was."""

    spool: Path
    url: str = ""
    token: str = ""
    token_file: str = ""
    token_command: str = ""
    ca_file: str = ""
    allow_http: bool = False
    problem: str = ""
    """Why the file could not be used."""

    def address(self) -> str:
        """The address of the REST interface, with a slash at the end."""
        if self.problem:
            raise NotConfigured(self.problem)
        if not self.url:
            raise NotConfigured("RESTORELOG_URL is not set: the address of the restore log.")
        try:
            parts = urlsplit(self.url)
            host = parts.hostname if parts.scheme in ("http", "https") else None
        except ValueError:
            host = None
        if not host:
            raise NotConfigured("RESTORELOG_URL is not an http or https address.")
        if parts.username or parts.password:
            raise NotConfigured("RESTORELOG_URL must not contain a login: use a token.")
        loopback = host in ("localhost", "::1") or host.startswith("127.")
        if parts.scheme == "http" and not loopback and not self.allow_http:
            raise NotConfigured(
                "RESTORELOG_URL is not https, and would send the token in clear text. "
                "Use https, or set RESTORELOG_ALLOW_HTTP=1."
            )
        path = parts.path.rstrip("/")
        if not path.endswith("/api/v1"):
            path += "/api/v1"
        return f"{parts.scheme}://{parts.netloc}{path}/"

    def read_token(self) -> str:
        """The token, read anew each time: files and commands may have a newer one."""
        if self.problem:
            raise NotConfigured(self.problem)
        given = [name for name in TOKENS if getattr(self, name)]
        if not given:
            raise NotConfigured(
                "There is no token: set RESTORELOG_TOKEN, RESTORELOG_TOKEN_FILE or "
                "RESTORELOG_TOKEN_COMMAND."
            )
        if len(given) > 1:
            names = " and ".join(VARIABLES[name] for name in given)
            raise NotConfigured(f"Set only one of {names}.")
        if self.token_file:
            token = _from_file(_expanded(self.token_file))
        elif self.token_command:
            token = _from_command(self.token_command)
        else:
            token = self.token
        token = token.strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise NotConfigured(
                f"{VARIABLES[given[0]]} does not give a token: one word of ASCII characters."
            )
        return token


def read_configuration(environment: Mapping[str, str] | None = None) -> Configuration:
    """What the environment and the file say. Raises nothing: what is wrong is said when used."""
    env = os.environ if environment is None else environment
    home = Path(env.get("HOME") or _expanded("~"))
    file = Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "restorelog.ini"
    found, problem = _read(file)
    given = {name: env[variable] for name, variable in VARIABLES.items() if env.get(variable)}
    if any(name in given for name in TOKENS):
        found = {name: value for name, value in found.items() if name not in TOKENS}
    found.update(given)
    state = Path(env.get("XDG_STATE_HOME") or home / ".local" / "state")
    spool = _expanded(found.pop("spool", "") or str(state / "restorelog" / "spool"))
    allow = found.pop("allow_http", "").lower() in ("1", "yes", "true", "on")
    return Configuration(spool=spool, allow_http=allow, problem=problem, **found)


def _expanded(path: str) -> Path:
    """The path with the home that `~` stands for; `/` if there is none, as in some containers."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path("/", *Path(path).parts[1:])


def _read(file: Path) -> tuple[dict[str, str], str]:
    """What the file says, and why it could not be used."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with file.open(encoding="utf-8") as lines:
            mode = os.fstat(lines.fileno()).st_mode
            parser.read_file(lines)
    except FileNotFoundError:
        return {}, ""
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not an INI file"
        return {}, f"{file} cannot be read: {why}."
    found = dict(parser[SECTION]) if parser.has_section(SECTION) else {}
    unknown = sorted(found.keys() - VARIABLES.keys())
    if unknown:
        return {}, f"{file} has an unknown setting: {', '.join(unknown)}."
    if "token" in found and mode & (stat.S_IRGRP | stat.S_IROTH):
        return {}, f"{file} has a token and can be read by others: chmod 600 {file}."
    return found, ""


def _from_file(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as lines:
            return lines.read(10_000)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise NotConfigured(f"The token file {file} cannot be read: {why}.") from error


def _from_command(command: str) -> str:
    """The first line that the command prints. What it says on stderr is not shown."""
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = f"took more than {COMMAND_SECONDS} s" if not isinstance(error, OSError) else "failed"
        raise NotConfigured(f"RESTORELOG_TOKEN_COMMAND {why}.") from error
    if done.returncode != 0:
        raise NotConfigured(f"RESTORELOG_TOKEN_COMMAND ended with exit code {done.returncode}.")
    return done.stdout.decode("utf-8", "replace").partition("\n")[0]
