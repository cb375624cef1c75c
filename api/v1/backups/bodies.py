"""The bodies of the commands on backups."""

from typing import get_args

from rest_framework import serializers

from api.v1.bodies.fields import BIGGEST, Contents, NewUUID, StrictText, WholeNumber
from api.v1.recording import CommandBody
from api.v1.restores.bodies import LONGEST_LINE, OPTIONAL, WORD, message, output, when
from domain.restores.values import CheckResult


class RegisterBody(CommandBody):
    """A backup that exists."""

    name = StrictText(max_length=255, help_text="What people call it.")
    backup_id = NewUUID(
        **OPTIONAL, help_text="The backup's id, chosen by the client. Default: a random one."
    )
    backup_type = StrictText(
        **OPTIONAL, max_length=WORD, help_text="`database` (the default), `files`, `full`, …"
    )
    status = StrictText(**OPTIONAL, max_length=WORD, help_text="Default: `completed`.")
    database_name = StrictText(
        **OPTIONAL, allow_blank=True, max_length=100, help_text="The database that it is of."
    )
    file_path = StrictText(
        **OPTIONAL, allow_blank=True, max_length=500, help_text="Where it is stored."
    )
    size_bytes = WholeNumber(**OPTIONAL, min_value=0, max_value=BIGGEST)
    checksum = StrictText(
        **OPTIONAL,
        max_length=71,
        help_text="`sha256:` and the SHA-256 of the stored file, in hexadecimal.",
    )
    format = StrictText(
        **OPTIONAL, max_length=50, help_text="How it was made, such as `postgresql-custom`."
    )
    contents = Contents(
        **OPTIONAL,
        help_text="What it contains, such as tables, with their numbers of rows, or null.",
    )
    registered_at = when("it was made")


class ExpireBody(CommandBody):
    """A backup can no longer be restored from."""

    expired_at = when("that was")
    message = message("Why, such as its age.")


class VerifyBody(CommandBody):
    """A backup was checked."""

    result = serializers.ChoiceField(get_args(CheckResult))
    check = StrictText(
        **OPTIONAL, allow_blank=True, max_length=LONGEST_LINE, help_text="Which check it was."
    )
    output = output()
    verified_at = when("it was checked")
