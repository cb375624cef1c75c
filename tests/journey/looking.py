"""What a test looks at before and after a step of the consolidation, in this process."""

from pathlib import Path
from typing import Any, NamedTuple

from tests.journey.stage import Stage
from tests.projections.engine.tables import contents, leftovers, schema
from tests.support import here, raw
from tests.support.service import Result


def cut_over(stage: Stage, *args: str, check: bool = True) -> Result:
    """`manage.py cut_over --yes ARGS`; its files are `certificate.json` and `before.sqlite3`,
    or, when a cut-over before it wrote those, others.
    """
    earlier = raw.value(
        stage.service,
        "SELECT count(*) FROM event_store_event WHERE topic LIKE 'consolidation.CutOver%'",
    )
    saved, proof = snapshot(stage), certificate(stage)
    if earlier:
        saved = saved.with_name(f"before-{earlier}.sqlite3")
        proof = proof.with_name(f"certificate-{earlier}.json")
    return here.run(
        *("cut_over", "--yes", "--json"),
        *("--certificate", str(proof), "--snapshot", str(saved)),
        *args,
        source=stage.host,
        check=check,
    )


def roll_back(stage: Stage) -> Result:
    """`manage.py roll_back --yes`."""
    return here.run("roll_back", "--yes", "--json", source=stage.host)


def put_back(file: Path, check: bool = True) -> Result:
    """`manage.py cut_over --restore-snapshot FILE --yes`."""
    return here.run("cut_over", "--yes", "--json", "--restore-snapshot", str(file), check=check)


def certificate(stage: Stage) -> Path:
    return stage.folder / "certificate.json"


def snapshot(stage: Stage) -> Path:
    """What the first cut-over saved."""
    return stage.folder / "before.sqlite3"


def state() -> str:
    """The state that `manage.py consolidation` tells."""
    return str(here.run("consolidation", "--json").json["state"])


class Seen(NamedTuple):
    """Everything that a refused step leaves alone."""

    state: str
    events: int
    tables: dict[str, list[raw.Row]]
    schema: list[raw.Row]
    leftovers: list[Any]


def seen(stage: Stage) -> Seen:
    return Seen(
        state(),
        raw.value(stage.service, "SELECT count(*) FROM event_store_event"),
        contents(stage.service),
        schema(stage.service),
        leftovers(stage.service),
    )


def frozen(stage: Stage, table: str) -> str:
    """What the table from before the last switch is called."""
    return f"engine_frozen_{table}" if stage.vendor == "sqlite" else f"engine_frozen.{table}"


def building(stage: Stage, table: str) -> str:
    """What the table that is being built is called."""
    return f"engine_building_{table}" if stage.vendor == "sqlite" else f"engine_building.{table}"
