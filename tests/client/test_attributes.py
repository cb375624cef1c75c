"""The client refuses the attributes that the service would refuse, before anything runs."""

import argparse
import re

import pytest

from api.client.commands import parsing
from api.v1.restores.serializers import FIELDS, LEGACY_FIELDS
from domain.restores import attributes
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.system_backups.models import RestoreLog


def test_no_attribute_is_named_like_a_column_of_a_row():
    columns = {field.attname for table in (RestoreLog, LegacyRestore)
               for field in table._meta.concrete_fields}  # fmt: skip
    assert {*FIELDS, *LEGACY_FIELDS, *columns} == attributes.COLUMNS


def test_the_client_knows_the_names_and_the_limits_of_the_service():
    assert parsing.COLUMNS == attributes.COLUMNS
    assert (parsing.ABSENT, parsing.VALUE_LONGEST) == (attributes.ABSENT, attributes.LONGEST)


@pytest.mark.parametrize(
    "name", [*sorted(attributes.COLUMNS), "pit_isnull", "", "1st", "a b", "é", "x" * 65, "x" * 64]
)
def test_the_client_and_the_service_refuse_the_same_names(name: str):
    try:
        attributes.as_columns({name: "1"})
        allowed = True
    except attributes.AttributeInvalid:
        allowed = False
    assert allowed == (re.fullmatch("x{64}", name) is not None)
    if allowed:
        assert parsing.an_attribute(f"{name}=1") == (name, "1")
    else:
        with pytest.raises(argparse.ArgumentTypeError):
            parsing.an_attribute(f"{name}=1")
