"""`signing_key`: create the key that signs certificates and anchors, and show its public half."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from infrastructure.documents.keys import KeyExists, key_file, make_key, signer
from infrastructure.documents.signed import write_whole
from infrastructure.output_files import Output, begins_with, refuse_overwriting
from infrastructure.printable import printable

PUBLIC = b"-----BEGIN PUBLIC KEY-----"


class Command(ServiceCommand):
    help = (
        "Show the public half of the key that signs certificates and anchors. People who check "
        "them need it, from you and not from the service's database."
    )
    changes_something = True
    needs_database = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--create", action="store_true", help="first create the key at SIGNING_KEY_FILE"
        )
        parser.add_argument(
            "--public",
            type=Path,
            metavar="FILE",
            help="write it to this file; an existing public key is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        path, public = key_file(), options["public"]
        if options["create"] and path.exists():
            raise KeyExists(path)
        if public is not None and not options["dry_run"]:
            refuse_overwriting([Output("public", public, "public key", begins_with(PUBLIC))])
        if options["dry_run"] and options["create"]:
            return Outcome(
                {
                    "key": None,
                    "private": str(path),
                    "public": str(public) if public else None,
                    "pem": None,
                },
                printable(f"A key would be made in {path}"),
            )
        key = (make_key(path) if options["create"] else signer()).public
        lines = [printable(f"A key was made in {path}")] if options["create"] else []
        if public is None:
            lines += [key.pem.decode().rstrip(), f"SHA-256 {key.id}"]
        elif options["dry_run"]:
            lines.append(printable(f"The public key {key.id} would be written to {public}"))
        else:
            write_whole(public, key.pem)
            lines.append(printable(f"The public key {key.id} is in {public}"))
        result = {
            "key": key.id,
            "private": str(path),
            "public": str(public) if public else None,
            "pem": key.pem.decode(),
        }
        return Outcome(result, "\n".join(lines))
