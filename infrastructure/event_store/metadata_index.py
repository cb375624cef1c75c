"""Indexes of the log that find events by topic and by their metadata, in order of position.

The metadata is JSON bytes that only the codec writes: compact, and `actor` always first. So a
member's value begins after its name, and no text can contain the name as it is written there,
because quotes inside of a text are escaped. The indexes are on expressions over these bytes: they
change neither the table's columns nor its bytes, and fit a log that has events.

Each has the position as an expression, `position + 0`, which the primary key does not have. A query
in that order cannot be served by walking through the log from its beginning, which a planner
prefers if it takes a topic's events to be spread evenly: imported ones stand all in one place.
"""

from typing import Any, Literal

import msgspec
from django.db.models import (
    BigIntegerField,
    BinaryField,
    BooleanField,
    F,
    Func,
    Q,
    TextField,
    Value,
)
from django.db.models.lookups import Exact

Member = Literal["actor", "on_behalf_of", "correlation", "causation"]

NAMES: dict[Member, bytes] = {
    "actor": b'{"actor":"',
    "on_behalf_of": b',"on_behalf_of":"',
    "correlation": b',"correlation":"',
    "causation": b',"causation":"',
}
"""How each member begins in the stored bytes, up to its value."""
OF_PERSONS: tuple[Member, ...] = ("actor", "on_behalf_of")
LONGEST = 100
"""Bytes of the longest value that is in an index; of a longer one the index has an empty value."""
PREFIX = "event_store_event"
PLACE = "position + 0"

KEYS = {
    # Up to the next quote, which may be an escaped one: see `recorded`.
    "postgresql": "substring({metadata} from {start} for greatest("
    "position('\\x22'::bytea in substring({metadata} from {start} for {window})) - 1, 0))",
    "sqlite": "substr({metadata}, {start}, max(instr(substr({metadata}, {start}, {window}), "
    "x'22') - 1, 0))",
}
STARTS = {
    "postgresql": "position('\\x{name}'::bytea in {metadata})",
    "sqlite": "instr({metadata}, x'{name}')",
}


def recorded(member: Member, text: str) -> Q:
    """Events whose metadata has exactly this text as the member; found by the member's index."""
    written = msgspec.json.encode(text)[1:-1]
    key, quote, _ = written.partition(b'"')
    if len(key) > LONGEST:
        key = b""
    found = Q(Exact(_Key(member), Value(key, output_field=BinaryField())))
    if member != "actor":
        found &= Q(_Has(NAMES[member]))
    # The index has only a part of some values.
    return found & contains(member, text) if quote or key != written else found


def contains(member: Member, text: str) -> Q:
    """The same, by looking at each event's metadata instead of at an index."""
    return Q(_Has(NAMES[member] + msgspec.json.encode(text)[1:]))


class Place(Func):
    """The position, in the words of the indexes."""

    template = "(%(expressions)s + 0)"
    output_field = BigIntegerField()

    def __init__(self) -> None:
        super().__init__(F("position"))


class Plain(Func):
    """A text column in words that no index has: for a condition beside the one to search by."""

    template = "(%(expressions)s || '')"
    output_field = TextField()


class OfTopic(Func):
    """Whether an event has this topic, in the words of an index of that topic alone.

    No other query has these words. So no planner takes that index for one that has a better.
    """

    output_field = BooleanField()

    def __init__(self, topic: str) -> None:
        super().__init__(F("topic"), template=_is_topic("%(expressions)s", topic))


def _is_topic(column: str, topic: str) -> str:
    return f"coalesce({column}, '') = '{topic}'"


def indexes_of_topic(topic: str, vendor: str) -> dict[str, str]:
    """The statements that make indexes of one topic's events by who recorded them, and on whose
    behalf; by their names."""
    found = {}
    for member in OF_PERSONS:
        name, key = index_of_topic(topic, member), _key(vendor, member, "metadata")
        conditions = " AND ".join([_is_topic("topic", topic), *_has_member(vendor, member)])
        found[name] = f"CREATE INDEX {name} ON {PREFIX} (({key})) WHERE {conditions}"
    return found


def index_of_topic(topic: str, member: Member) -> str:
    """The name of the index of this topic's events by this member."""
    return f"{PREFIX}_{topic.replace('.', '_').lower()}_{member}"


def indexes(vendor: str) -> dict[str, str]:
    """The statements that make the indexes of all events, by their names."""
    found = {f"{PREFIX}_topic": f"CREATE INDEX {PREFIX}_topic ON {PREFIX} (topic, ({PLACE}))"}
    for member in NAMES:
        name, key = f"{PREFIX}_{member}", _key(vendor, member, "metadata")
        found[name] = f"CREATE INDEX {name} ON {PREFIX} (({key}), ({PLACE}))"
        for condition in _has_member(vendor, member):
            found[name] += f" WHERE {condition}"
    return found


def _has_member(vendor: str, member: Member) -> list[str]:
    """The condition of an index on a member that not every event has."""
    return [] if member == "actor" else [f"{_start(vendor, NAMES[member], 'metadata')} > 0"]


def _start(vendor: str, name: bytes, metadata: str) -> str:
    """SQL for where these bytes begin in the metadata, the first being 1; 0 if they do not."""
    return STARTS[vendor].format(name=name.hex(), metadata=metadata)


def _key(vendor: str, member: Member, metadata: str) -> str:
    """SQL for a member's value in the index."""
    name = NAMES[member]
    # The codec writes the actor first.
    begins = "1" if member == "actor" else _start(vendor, name, metadata)
    start = f"{begins} + {len(name)}"
    return KEYS[vendor].format(metadata=metadata, start=start, window=LONGEST + 1)


class _Key(Func):
    """A member's value in the index, in the words of the index."""

    output_field = BinaryField()

    def __init__(self, member: Member) -> None:
        super().__init__(F("metadata"))
        self.member = member

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"({_key(connection.vendor, self.member, column)})", parameters


class _Has(Func):
    """Whether the metadata has these bytes in it."""

    output_field = BooleanField()

    def __init__(self, sought: bytes) -> None:
        super().__init__(F("metadata"))
        self.sought = sought

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{_start(connection.vendor, self.sought, column)} > 0", parameters
