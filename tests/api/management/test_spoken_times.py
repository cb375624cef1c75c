"""Times at the terminal: what people write, in whose zone, and how times are shown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from api.management import spoken_times
from api.management.arguments import OptionsDoNotFit
from api.management.shell_zone import ZoneUnknown, shell_zone, zone_name, zoned

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 1, 15, tzinfo=UTC)
"""A quarter past three in Berlin, the night after the clocks went forward."""


def read(text: str, *, end: bool = False) -> str:
    moment = spoken_times.read_spoken("--since", text, NOW, BERLIN, end=end)
    assert moment.tzinfo is UTC
    return moment.replace(tzinfo=None).isoformat(" ")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-03-30 01:15:00"),
        ("24h", "2026-03-29 01:15:00"),
        ("90 minutes", "2026-03-29 23:45:00"),
        ("2 days ago", "2026-03-28 01:15:00"),
        ("an hour ago", "2026-03-30 00:15:00"),
        ("1w", "2026-03-23 01:15:00"),
        ("today", "2026-03-29 22:00:00"),
        ("Yesterday", "2026-03-28 23:00:00"),
        ("yesterday 22:30", "2026-03-29 20:30:00"),
        ("03:00", "2026-03-30 01:00:00"),
        ("22:30", "2026-03-29 20:30:00"),
        ("2026-03-28", "2026-03-27 23:00:00"),
        ("2026-03-28  7:05", "2026-03-28 06:05:00"),
        ("2026-03-28 12:00:00.5", "2026-03-28 11:00:00.500000"),
        ("2026-03-28T12:00:00Z", "2026-03-28 12:00:00"),
        ("2026-03-28T12:00:00-05:00", "2026-03-28 17:00:00"),
        # Half past two did not exist that night: the offset from before counts.
        ("2026-03-29 02:30", "2026-03-29 01:30:00"),
    ],
)
def test_a_time_is_read_in_the_operators_zone(text: str, meant: str):
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yesterday", "2026-03-29 21:59:59.999999"),
        ("2026-03-28", "2026-03-28 22:59:59.999999"),
        ("2026-03-28 12:00", "2026-03-28 11:00:00"),
    ],
)
def test_until_a_day_includes_the_day(text: str, meant: str):
    assert read(text, end=True) == meant


@pytest.mark.parametrize(
    "text",
    ["", "yesterdayish", "24:00", "today 25:00", "2026-02-30", "-5h", "9" * 30 + "d", "5 parsecs",
     "0001-01-01", "9999-12-31T23:59:59-14:00", "٣h", "yesterday 2026-01-01"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_the_forms(text: str):
    with pytest.raises(OptionsDoNotFit, match=r"--since: .* is not a time\. Give yesterday, 24h"):
        read(text)


@pytest.mark.parametrize(
    ("tz", "name", "shown"),
    [
        ("UTC", "UTC", "2026-03-30 01:15:00 UTC"),
        ("Etc/UTC", "UTC", "2026-03-30 01:15:00 UTC"),
        (":Europe/Berlin", "Europe/Berlin", "2026-03-30 03:15:00 +02:00"),
        ("America/St_Johns", "America/St_Johns", "2026-03-29 22:45:00 -02:30"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-30 03:15:00 +02:00"),
    ],
)
def test_the_zone_is_that_of_the_shell(tz: str, name: str, shown: str):
    with override_settings(SHELL_TIME_ZONE=tz):
        zone = shell_zone()
    assert (zone_name(zone), zoned(NOW, zone)) == (name, shown)


@pytest.mark.parametrize("tz", ["Europe/Berlim", "/etc/passwd", "../../etc/passwd", "CET-", "ä"])
def test_an_unknown_zone_is_refused(tz: str):
    with override_settings(SHELL_TIME_ZONE=tz), pytest.raises(ZoneUnknown, match="TZ="):
        shell_zone()


def test_a_time_at_the_calendars_end_is_shown_in_utc():
    assert zoned(datetime.max.replace(tzinfo=UTC), BERLIN) == "9999-12-31 23:59:59 UTC"
    assert zoned(datetime.min.replace(tzinfo=UTC), ZoneInfo("America/New_York")).endswith(" UTC")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "now"), (1, "1 second ago"), (200, "3 minutes ago"), (-7200, "in 2 hours"),
     (40 * 3600, "40 hours ago"), (3 * 86_400, "3 days ago"), (100 * 86_400, "3 months ago"),
     (800 * 86_400, "2 years ago")],
)  # fmt: skip
def test_how_long_ago(seconds: int, told: str):
    assert spoken_times.ago(NOW - timedelta(seconds=seconds), NOW) == told


@pytest.mark.parametrize(
    ("seconds", "told", "short"),
    [
        (0, "0 seconds", "0s"),
        (44, "44 seconds", "44s"),
        (200, "3 minutes 20 seconds", "3m 20s"),
        (3600, "1 hour", "1h"),
        (6312, "1 hour 45 minutes", "1h 45m"),
        (90_061, "1 day 1 hour", "1d 1h"),
        (-65, "1 minute 5 seconds less than nothing: it ended before it started", "-1m 5s"),
    ],
)
def test_a_duration_in_words(seconds: int, told: str, short: str):
    assert (spoken_times.duration_in_words(seconds), spoken_times.briefly(seconds)) == (told, short)
