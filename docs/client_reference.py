"""Writes docs/reference/client.md from the client's own parser."""

import argparse
from collections.abc import Iterator

from api.client.commands.command_line import make_parser
from api.client.configuration import VARIABLES

MEANINGS = {
    "url": "the address of the service, such as `https://restorelog.example`",
    "token": "the token itself. Better is one of the next two, which other processes cannot read",
    "token_file": "a file that contains the token",
    "token_command": "a command line for the shell that prints the token",
    "spool": "the folder for what is not in the log yet. Default: "
    "`~/.local/state/restorelog/spool`, or in `XDG_STATE_HOME`",
    "ca_file": "certificates of authorities to trust instead of the system's, in PEM",
    "allow_http": "`1` to send the token over `http` to another machine, in clear text",
}
INTRODUCTION = """\
# The client

The client is one file, `restorelog.pyz`, made by `make client`. It needs `python3`, 3.9 or newer,
and nothing else. Run it as `./restorelog.pyz COMMAND` or `python3 restorelog.pyz COMMAND`, or call
it `restorelog` and put it in your `PATH`. For tasks, see
[record restores from scripts](../how-to/record_from_scripts.md).

## Configuration

From the environment, or from the section `[restorelog]` of `~/.config/restorelog.ini` (or in
`XDG_CONFIG_HOME`). The environment wins. A file with a token must be its owner's alone
(`chmod 600`).

| variable | in the file | meaning |
|---|---|---|
"""
REST = """
## Exit codes

| code | means |
|---|---|
| 0 | done. For `record` and `backup register` also: it waits, as a line on stderr says |
| 1 | `send`: done, and the log refused something, or a file cannot be read, as stderr says |
| 2 | not done; one line on stderr says why |
| 130 | interrupted with Ctrl-C |
| 141 | the reader closed the output, as `\\| head` does |

`run` exits with the command's own code, or with 128 and the number of the signal that ended it.
It exits with 122 if the command succeeded and the check failed, with 123 if it succeeded and its
output could not be written, and with 125 if the command was not started.

## What is recorded

`run` records that the restore was requested and started, its progress, and how it ended:
completed, partial, failed or cancelled. With the end come the exit code or the signal, the last
64 KB of the output in whole lines, and the warnings: all are counted, the first 100 are listed. A
signal that the wrapper passed on to the command (Ctrl-C, `SIGTERM`, `SIGHUP`, `SIGQUIT`) makes it
*cancelled*, if the command did not succeed all the same.

Standard output with a zero byte in it is data: it passes through, and only its size is recorded.
Standard input and the terminal are the command's own. Where an output is a terminal, the command
gets another terminal, from which every byte is copied.

A line of output such as `restorelog progress 40% loading the table of orders` tells how far it
is. It is shown while the restore runs. It becomes an event at each tenth, at most once a minute,
and at most 100 times.

While a restore runs, a heartbeat is sent every 20 seconds. If the wrapper dies, the command is
ended too (`SIGTERM`, on Linux), and the service records the restore as failed, cause
*interrupted*. If the log could not be reached either, the next `run` or `send` on the same
machine does.

## Secrets

Passwords, tokens and keys are replaced by `***` in everything that is recorded or printed by the
client: in options (`--password=…`, `-p…` of `mysql`, and of other programs), assignments
(`PGPASSWORD=…`), URLs, headers, JSON, SQL, private keys, and tokens that can be told by their
form. The environment is not recorded. Values of its variables whose names speak of a secret, and
passwords in its URLs, are hidden wherever they are met, if they have four or more characters. So
are values that the command line gave away. What is hidden cannot be made visible again. A
password that stands alone in the output and is known from nowhere cannot be recognised.

The command's own output passes through as it is.

## The spool

A file for each restore, readable by its owner only, with one JSON object a line. Each event is
synced to the disk before it is sent. Events are numbered and sent in order, and the service
answers one that it has already with its first answer, so nothing is recorded twice. A file is
removed when all of it is in the log. An event that the log refuses stops only its own restore:
its file goes to the folder `refused`, with the reason. A wrong or missing token, a wrong address
and a busy service are no refusals: events wait.

If this machine's clock is ahead, so that the log refuses a time in the future, all times of the
restore are corrected by the difference between both clocks.
"""


def client_page(note: str) -> str:
    """The page, with what the parser knows about each command."""
    variables = [
        f"| `{variable}` | `{name}` | {MEANINGS[name]} |" for name, variable in VARIABLES.items()
    ]
    parts = [note, INTRODUCTION + "\n".join(variables) + "\n"]
    for name, parser in _commands(make_parser()):
        parts.append(f"## `{name}`\n")
        if parser.description:
            parts.append(parser.description)
        parts.append("\n".join(["| option | |", "|---|---|", *_options(parser)]) + "\n")
    return "\n".join(parts) + REST


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Each command that can be run, with its name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                deeper = list(_commands(command))
                yield from ((f"{name} {one}", sub) for one, sub in deeper)
                if not deeper:
                    yield name, command


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        shown = ", ".join(action.option_strings) or str(action.metavar)
        if action.option_strings and action.nargs != 0:
            shown += f" {action.metavar or _choices(action) or action.dest.upper()}"
        needed = " (required)" if action.required and action.option_strings else ""
        text = (action.help or "").replace("%%", "%").replace("|", "\\|")
        yield f"| `{shown}`{needed} | {text} |"


def _choices(action: argparse.Action) -> str:
    return "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
