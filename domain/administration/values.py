"""Value types of the log's administration."""

from typing import Literal

import msgspec

Means = Literal["password", "token"]
"""What somebody tried to log in with."""


class LostHead(msgspec.Struct, frozen=True, kw_only=True):
    """A position and its chain hash that `remembered_by` keeps and the log does not contain.

    `remembered_by` is `head_file`, `import_index` or a projection's label. Where the head file
    could not be read, `position` is 0 and `hash` is empty.
    """

    remembered_by: str
    position: int
    hash: str
