"""`python -m tests.sample_host make|write|serve|manage --database URL …`"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import django

VARIANTS = ("standard", "origin", "bare", "strange")


class Refused(Exception):
    """The host cannot do what was asked; the message says why."""


def main(argv: Sequence[str]) -> int:
    """Run one subcommand; 2 and a line on stderr when it could not be done."""
    options = _parser().parse_args(argv)
    os.environ["SAMPLE_HOST_DATABASE_URL"] = options.database
    os.environ["SAMPLE_HOST_VARIANT"] = options.variant
    os.environ["SAMPLE_HOST_MIGRATIONS"] = os.pathsep.join(options.migrations)
    if options.time_zone:
        os.environ["SAMPLE_HOST_TIME_ZONE"] = options.time_zone
    if options.subcommand == "serve":
        os.environ["SAMPLE_HOST_DEBUG"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.sample_host.settings"
    django.setup()
    try:
        SUBCOMMANDS[options.subcommand](options)
    except Refused as error:
        print(f"sample host: {error}", file=sys.stderr)
        return 2
    return 0


def _make(options: argparse.Namespace) -> None:
    from django.core.management import call_command
    from django.db import connection

    from tests.sample_host.fill import fill
    from tests.sample_host.fill.plan import Plan

    if "database_management_restorelog" in connection.introspection.table_names():
        raise Refused("this database already holds a host; make one in an empty database")
    if options.variant == "origin" and not options.backups:
        raise Refused("each restore of the variant origin has a backup; do without --no-backups")
    call_command("migrate", verbosity=0)
    counts = fill(
        Plan(
            rows=options.rows,
            seed=options.seed,
            odd=options.odd_rows,
            backups=options.backups,
            quarantine=options.quarantine,
            variant=options.variant,
            time_zone=options.time_zone,
            vendor=connection.vendor,
        )
    )
    print("\n".join(f"{table}: {count}" for table, count in counts.items()))


def _write(options: argparse.Namespace) -> None:
    from tests.sample_host.write import keep_writing

    keep_writing(seconds=options.seconds, rate=options.rate, seed=options.seed)


def _serve(options: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("runserver", f"127.0.0.1:{options.port}", use_reloader=False)


def _manage(options: argparse.Namespace) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["sample_host", *options.command])


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--database", required=True, metavar="URL")
    common.add_argument("--variant", choices=VARIANTS, default="standard")
    common.add_argument("--time-zone", metavar="ZONE", help="USE_TZ off, naive times of this zone")
    common.add_argument(
        "--migrations",
        action="append",
        default=[],
        metavar="APP=FOLDER",
        help="a folder with further migrations of an app",
    )
    parser = argparse.ArgumentParser(prog="python -m tests.sample_host", description=__doc__)
    subcommands = parser.add_subparsers(dest="subcommand", required=True)

    make = subcommands.add_parser("make", parents=[common], help="create the tables and fill them")
    make.add_argument("--rows", type=int, default=1000, help="in each of the two restore tables")
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--odd-rows", action=argparse.BooleanOptionalAction, default=True)
    make.add_argument("--backups", action=argparse.BooleanOptionalAction, default=True)
    make.add_argument(
        "--quarantine",
        type=int,
        default=0,
        metavar="N",
        help="further legacy rows that no projection can hold",
    )

    write = subcommands.add_parser("write", parents=[common], help="keep writing to both tables")
    write.add_argument("--seconds", type=float, default=10.0)
    write.add_argument("--rate", type=float, default=20.0, help="writes a second")
    write.add_argument("--seed", type=int, default=1)

    serve = subcommands.add_parser("serve", parents=[common], help="serve the host's admin")
    serve.add_argument("--port", type=int, default=8001)

    manage = subcommands.add_parser("manage", parents=[common], help="any command of Django's")
    manage.add_argument("command", nargs="+", help="after --, for example: -- migrate")
    return parser


SUBCOMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "make": _make,
    "write": _write,
    "serve": _serve,
    "manage": _manage,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
