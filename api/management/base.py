"""The base of all commands: options, exit codes, progress, and one line for an error.

Exit 0: done. 1: done, and a difference was found. 2: not done, with the reason on stderr.
"""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, NoReturn, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import connection
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text

from api.management.arguments import refuse_nonsense
from api.management.reasons import reason
from api.management.shell_user import shell_actor
from api.remedies import at_terminal
from domain.errors import RestoreLogError
from domain.events import refuse_unreadable
from domain.messages import Message, worded
from infrastructure.databases.own_database import refuse_unmigrated
from infrastructure.databases.redaction import in_one_line
from infrastructure.event_store.head_file_updates import keep_head_file, warning
from infrastructure.event_store.log import Log
from infrastructure.printable import json_text, printable
from projections.engine.catch_up import CatchUpResult
from projections.services.appending import Behind


def counted(count: int, what: str) -> str:
    """`1 row`, `2 rows`: a regular noun after its number."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def add_source(parser: CommandParser) -> None:
    """The option that names the host."""
    parser.add_argument(
        "--source",
        default=settings.SOURCE_DATABASE_URL,
        metavar="URL",
        help="the host's database (default: SOURCE_DATABASE_URL)",
    )


class Terminal(Console):
    """A command's output: no automatic colours, no line breaks, no markup.

    Text in brackets is not interpreted as markup, and control characters are escaped.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, highlight=False, soft_wrap=True, markup=False, emoji=False)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            text = printable(segment.text, keep="\n")
            yield segment if segment.control else Segment(text, segment.style)

    def on_broken_pipe(self) -> None:
        """Leave it to `api.management.command_line`; rich would exit with 1, a difference."""
        raise BrokenPipeError


@dataclass
class Outcome:
    """A command's output: `result` with `--json`, `text` without."""

    result: dict[str, Any]
    text: RenderableType = ""
    exit_code: int = 0


@dataclass
class Ticker:
    """Advances a progress bar, if there is one."""

    progress: Progress | None
    description: str = ""
    task: TaskID | None = field(default=None, init=False)

    def __call__(self, done: int, total: int | None = None) -> None:
        """`done` so far, of `total` if that is known yet."""
        if self.progress is None:
            return
        if self.task is None:
            self.task = self.progress.add_task(self.description, total=total)
        self.progress.update(self.task, completed=done, total=total)

    def then(self, description: str) -> "Ticker":
        """A ticker for the next task, with its own bar from its first call on."""
        return Ticker(self.progress, description)


class RateColumn(ProgressColumn):
    """The number of items per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class ServiceCommand(BaseCommand):
    """Base of this service's commands. Subclasses define `run` and, if needed, `arguments`."""

    changes_something: ClassVar[bool] = False
    """Whether there is a `--dry-run`."""
    needs_database: ClassVar[bool] = True
    """Whether the service's database must exist and be migrated."""
    requires_system_checks: Any = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser: CommandParser = super().create_parser(prog_name, subcommand, **kwargs)
        refuse: Callable[[str], NoReturn] = parser.error

        def in_one_line(message: str) -> NoReturn:
            refuse(printable(message))

        # argparse quotes the refused words in its message.
        vars(parser)["error"] = in_one_line
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        self.common_arguments(parser)
        self.arguments(parser)

    def common_arguments(self, parser: CommandParser, **kwargs: Any) -> None:
        """Add the options that every command has; `kwargs` are `add_argument`'s."""
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON object on stdout, nothing else",
            **kwargs,
        )
        parser.add_argument(
            "--actor",
            metavar="NAME",
            help="who is doing this, for the audit trail, besides the operating system's user",
            **kwargs,
        )
        if self.changes_something:
            parser.add_argument(
                "--dry-run",
                action="store_true",
                help="report what would be done, without doing it",
                **kwargs,
            )

    def arguments(self, parser: CommandParser) -> None:
        """Add the command's own options."""

    def run(self, options: dict[str, Any]) -> Outcome:
        """Run the command. `options["actor"]` is always a name."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        warned = ""
        try:
            refuse_nonsense(options)
            options["actor"] = shell_actor(options["actor"])
            refuse_unreadable(options["actor"])
            if self.needs_database:
                refuse_unmigrated(connection, named=True)
            appends = self.needs_database and self.changes_something and not options["dry_run"]
            if self.needs_database and not appends:
                warned = self._warn(warning(Log()))
            outcome = self.run(options)
            self._tell(outcome, as_json=options["json"])
            if appends:
                self._warn(keep_head_file(Log()))
        except BrokenPipeError:
            raise  # The pipe's reader has left: `api.management.command_line` ends the process.
        except (RestoreLogError, DatabaseError, OSError) as error:
            if (why := reason(error)) != warned:
                self.complain(why)
            sys.exit(2)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. Committed work is kept; run it again to continue.")
            sys.exit(130)
        except CommandError:
            raise
        except Exception as error:
            # After a traceback the exit code is 1, which would mean that a difference was found.
            if options.get("traceback"):
                traceback.print_exc()
            self.complain(reason(error))
            raise SystemExit(2) from error
        if outcome.exit_code:
            sys.exit(outcome.exit_code)

    def complain(self, why: str) -> None:
        """Report the error on stderr, in one line."""
        self.stderr.write(printable(" ".join(why.split())))

    def complain_of(self, behind: Behind) -> None:
        """Report each reason why tables are behind the log, once."""
        for why in dict.fromkeys(reason(error) for error in behind.values() if error is not None):
            self.complain(why)
        if None in behind.values():
            self.complain("The tables do not show all of it yet. See: manage.py projections")

    def complain_of_stopped(self, caught: Mapping[str, CatchUpResult]) -> None:
        """Report each reason why a table does not follow the log, once."""
        for why in dict.fromkeys(reason(one.error) for one in caught.values() if one.error):
            self.complain(f"The latest events may be missing here: {why}")

    def _warn(self, problem: Message) -> str:
        """Report a problem of the log or the head file, besides the command's output."""
        told = in_one_line(problem.said(at_terminal))
        if told:
            self.complain(f"Warning: {told}")
        return told

    def _tell(self, outcome: Outcome, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json_text(worded(outcome.result, at_terminal)))
        elif outcome.text != "":
            Terminal(cast("IO[str]", self.stdout)).print(outcome.text)

    @contextmanager
    def progress(self, description: str, total: int | None = None) -> Iterator[Ticker]:
        """A progress bar on stderr with rate and time left, on a terminal only."""
        if not sys.stderr.isatty():
            yield Ticker(None)
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
        ) as bar:
            tick = Ticker(bar, description)
            tick(0, total)
            yield tick
