"""Rows that are kept out of a table are read as earlier versions of the service wrote them."""

import json

from domain.restores import events as restores
from projections.engine.catch_up import catch_up
from projections.engine.models import WithheldRow
from tests.projections.engine.tables import contents
from tests.projections.histories import event, record


def test_a_row_that_vanished_long_ago_stays_away_when_it_is_amended(database: str):
    record([event(restores.RestoreImported), event(restores.RestoreVanishedFromHost, 2)])
    catch_up()
    for kept in WithheldRow.objects.all():
        row = json.loads(bytes(kept.row))
        row.pop("present", None)
        kept.row = json.dumps({**row, "standing": False}).encode()
        kept.save()

    record([event(restores.RestoreAmended, 3, changes={"name": "renamed"})])
    catch_up()

    assert contents(database)["database_management.RestoreLog"] == []
