"""`manage.py accounts`: people and programs that may log in, their tokens and roles."""

import getpass
import sys
from argparse import SUPPRESS
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from rich.console import Group, RenderableType
from rich.table import Table

from api import accounts
from api.access.failed_logins import unlock
from api.access.recording import record_unlocked, recorded_changes
from api.access.reporting import report_due
from api.access.tokens import revoke_tokens
from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand, counted
from api.roles import PERMISSIONS, ROLES
from domain.errors import RestoreLogError


class NoTerminal(RestoreLogError):
    code = "no_terminal"

    def __init__(self) -> None:
        super().__init__("--prompt needs a terminal. Without it a password is generated and shown.")


class PasswordsDiffer(RestoreLogError):
    code = "passwords_differ"

    def __init__(self) -> None:
        super().__init__("The two passwords differ. Nothing was changed.")


class Command(ServiceCommand):
    help = (
        "People and programs that may log in: create, token, password, role, disable, unlock, list."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        def action(name: str, about: str, named: bool = True) -> CommandParser:
            sub: CommandParser = actions.add_parser(name, help=about, description=about)
            # Also accepted after the action, where people write them; earlier values are kept.
            self.common_arguments(sub, default=SUPPRESS)
            if named:
                sub.add_argument("name", metavar="NAME", help="the account's")
            return sub

        create = action("create", "create an account; its password is shown once")
        create.add_argument(
            "--role",
            action="append",
            default=[],
            choices=ROLES,
            metavar="ROLE",
            help=f"{', '.join(ROLES)}; may be repeated",
        )
        create.add_argument("--superuser", action="store_true", help="may do everything")
        create.add_argument("--prompt", action="store_true", help="ask for the password")
        create.add_argument(
            "--no-password", action="store_true", help="for programs, which use a token"
        )
        create.add_argument("--token", action="store_true", help="create a token as well")
        token = action("token", "replace a token by a new one, which is shown once")
        token.add_argument(
            "--label",
            default=None,
            metavar="TEXT",
            help="which token; an account has one for each label (default: the one without label)",
        )
        token.add_argument(
            "--role",
            action="append",
            default=[],
            choices=ROLES,
            metavar="ROLE",
            help="the token may do only this, if the account may; may be repeated",
        )
        token.add_argument(
            "--days",
            type=at_least(0),
            default=None,
            metavar="N",
            help="it expires after N days (default: TOKEN_DAYS); 0: never",
        )
        token.add_argument(
            "--revoke",
            action="store_true",
            help="only revoke: the token with this label, or without --label all of the account's",
        )
        password = action("password", "set a new password, shown once")
        password.add_argument("--prompt", action="store_true", help="ask for the password")
        role = action("role", "give a role, or take it away")
        role.add_argument("role", nargs="+", metavar="ROLE", choices=ROLES, help=", ".join(ROLES))
        role.add_argument("--remove", action="store_true", help="take it away")
        disable = action("disable", "stop this account's login and token")
        disable.add_argument("--undo", action="store_true", help="enable the account again")
        action("unlock", "let this account try to log in again at once, after failed logins")
        action("list", "list the accounts and their roles", named=False)

    def run(self, options: dict[str, Any]) -> Outcome:
        do: Callable[[], Outcome] = partial(getattr(self, f"do_{options['action']}"), options)
        if options["dry_run"] or options["action"] == "list":
            with transaction.atomic():
                outcome = do()
                transaction.set_rollback(True)
            return outcome
        report_due()
        with recorded_changes(options["name"], options["actor"]):
            return do()

    def do_create(self, options: dict[str, Any]) -> Outcome:
        password = None if options["no_password"] else self._password(options)
        user = accounts.create(
            options["name"],
            roles=options["role"],
            password=password,
            superuser=options["superuser"],
        )
        token = accounts.new_token(user) if options["token"] else None
        shown = None if options["prompt"] else password
        return self._told(user, options, "created", password=shown, token=token)

    def do_token(self, options: dict[str, Any]) -> Outcome:
        user = accounts.find(options["name"])
        label = options["label"]
        if options["revoke"]:
            revoked = revoke_tokens(user, label=label)
            return self._told(user, options, f"has lost {counted(len(revoked), 'token')}")
        token = accounts.new_token(
            user, label=label or "", roles=options["role"], days=options["days"]
        )
        return self._told(user, options, "has a new token", token=token)

    def do_password(self, options: dict[str, Any]) -> Outcome:
        user = accounts.find(options["name"])
        password = self._password(options)
        accounts.set_password(user, password)
        shown = None if options["prompt"] else password
        return self._told(user, options, "has a new password", password=shown)

    def do_role(self, options: dict[str, Any]) -> Outcome:
        user = accounts.find(options["name"])
        change = accounts.take_roles if options["remove"] else accounts.give_roles
        change(user, options["role"])
        held = ", ".join(accounts.describe(user)["roles"]) or "no role"
        return self._told(user, options, f"now has: {held}")

    def do_disable(self, options: dict[str, Any]) -> Outcome:
        user = accounts.find(options["name"])
        accounts.set_active(user, options["undo"])
        return self._told(
            user, options, "may log in again" if options["undo"] else "can no longer log in"
        )

    def do_unlock(self, options: dict[str, Any]) -> Outcome:
        user = accounts.find(options["name"])
        unlock(user)
        record_unlocked(user, options["actor"])
        return self._told(user, options, "may try to log in again at once")

    def do_list(self, options: dict[str, Any]) -> Outcome:
        everyone = accounts.everyone()
        table = Table("name", "roles", "may log in", "password", "token", "last login", box=None)
        for account in everyone:
            roles = ["everything"] if account["superuser"] else account["roles"]
            table.add_row(
                account["name"],
                ", ".join(roles) or "–",
                *("yes" if account[key] else "no" for key in ("active", "password", "token")),
                account["last_login"] or "never",
            )
        result = {
            "accounts": everyone,
            "roles": {
                role: [PERMISSIONS[codename] for codename in codenames]
                for role, codenames in ROLES.items()
            },
        }
        if not everyone:
            return Outcome(result, "There are no accounts yet.")
        return Outcome(result, Group(table, *_tokens(everyone)))

    def _password(self, options: dict[str, Any]) -> str:
        if not options["prompt"]:
            return accounts.generated_password()
        if not sys.stdin.isatty():
            raise NoTerminal
        password = getpass.getpass(f"Password for {options['name']}: ")
        if password != getpass.getpass("Once more: "):
            raise PasswordsDiffer
        return password

    def _told(
        self,
        user: Any,
        options: dict[str, Any],
        what: str,
        password: str | None = None,
        token: str | None = None,
    ) -> Outcome:
        """The result, with the secrets, which are shown only once; without them on a dry run."""
        told = accounts.describe(user)
        lines = [f"{user.get_username()} {what}."]
        if options["dry_run"]:
            lines = [f"Nothing was changed. Without --dry-run: {lines[0]}"]
        else:
            for name, secret in (("password", password), ("token", token)):
                if secret is not None:
                    told[f"new_{name}"] = secret
                    lines.append(f"{name}: {secret}  (shown this once)")
        return Outcome({"accounts": [told]}, "\n".join(lines))


def _tokens(everyone: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """A second table with a line for each token, after an empty line; nothing without tokens."""
    table = Table("token of", "label", "roles", "created", "expires", "last used", box=None)
    for account in everyone:
        for token in account["tokens"]:
            days = (token[key] or "never" for key in ("created_at", "expires_at", "last_used_at"))
            table.add_row(
                account["name"],
                token["label"] or "–",
                ", ".join(token["roles"]) or "as the account",
                *(day[:10] for day in days),
            )
    if table.row_count:
        yield ""
        yield table
