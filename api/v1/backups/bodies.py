"""The bodies of the commands on backups."""

from api.v1.bodies.fields import BIGGEST, NewUUID, StrictText, WholeNumber
from api.v1.recording import CommandBody
from api.v1.restores.bodies import OPTIONAL, WORD, when


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
    registered_at = when("it was made")
