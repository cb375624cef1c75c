"""Declared types and odd values for each kind of database: the two sides of the matrix."""

_TIMES = (
    "'2021-03-28 12:30:00'", "'2021-01-10T12:30:00.000001'", "'2021-06-28 12:30:00.1234567'",
    "'2021-06-28 12:30:00.5+02:00'", "'2021-06-28'", "'2021-W12-7'", "'20210628T123000'",
    "'2021-06-28 12:30:00,5'", "'2021-06-28 24:00:00'", "'0001-01-01 00:00:00+05:00'",
)  # fmt: skip

SQLITE_TYPES = (
    "", "text", "varchar(20)", "char(4)", "clob", "integer", "integer unsigned", "smallint",
    "bigint", "bool", "decimal", "decimal(9,4)", "numeric", "real", "double precision", "float",
    "blob", "datetime", "timestamp", "date", "time", "json", "uuid", "bool datetime",
)  # fmt: skip
SQLITE_VALUES = (
    "0", "1", "-1", "2", "7", "2147483648", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "1.5", "7.0", "0.1 + 0.2", "-0.0", "1e300", "9e999", "-9e999",
    "''", "'x'", "'7'", "' 7 '", "'7.0'", "'1.50'", "'1e5'", "'1_000'", "'0x10'", "'٣'", "'NaN'",
    "'nan'", "'Infinity'", "'-inf'", "'true'", "'Ж☃𝄞'", "'a' || char(0) || 'b'",
    "'a' || char(9) || char(10) || '\\'", "printf('%.300c', 'x')", "x''", "x'00ff'", "x'6162'",
    "CAST(x'ff' AS TEXT)", "CAST(x'61eda080' AS TEXT)", "'99999999999999999999'", *_TIMES,
)  # fmt: skip

POSTGRESQL_DEFINITIONS = """
CREATE TYPE mood AS ENUM ('fine', 'Ж');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN words AS text;
CREATE DOMAIN more_words AS words CHECK (length(VALUE) < 1000);
CREATE DOMAIN known_mood AS mood;
CREATE DOMAIN nonneg AS integer CHECK (VALUE >= 0);
CREATE DOMAIN small_nonneg AS nonneg CHECK (VALUE < 1000);
CREATE DOMAIN large AS bigint;
CREATE DOMAIN yes_no AS boolean;
CREATE DOMAIN moment AS timestamptz;
CREATE DOMAIN own_moment AS moment;
CREATE DOMAIN wall_clock AS timestamp(3);
CREATE DOMAIN share AS numeric(9,4);
CREATE DOMAIN doc AS jsonb;
CREATE DOMAIN secret AS bytea;
CREATE DOMAIN counts AS nonneg[];
CREATE DOMAIN own_pair AS pair;
"""
_WORDS = (
    "''", "'x'", "'7'", "'true'", "'NaN'", "'Ж☃𝄞'", r"E'a\tb\nc\\d'", "'2021-03-28 12:30:00'",
    "repeat('x', 300)", r"'\x00ff'", r"'\N'",
)  # fmt: skip
_SHORT = ("''", "'x'", "'7'", "'Ж'", "'ab '")
_WHOLE = ("0", "1", "-1", "2", "7", "32767")
_BIG = (*_WHOLE, "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808")
_FRACTIONS = ("0", "1", "7", "7.0", "1.5", "-0.0001", "'NaN'")
_FLOATS = (*_FRACTIONS, "0.1", "1e30", "'-0'", "'Infinity'", "'-Infinity'")
_MOMENTS = (
    "'2021-03-28 00:59:59.999999+00'", "'2021-06-28 12:30:00+02'", "'infinity'", "'-infinity'",
    "'0044-03-15 12:00:00+00 BC'", "'0001-01-01 00:00:00+00'", "'0001-01-01 00:00:00+05'",
    "'9999-12-31 23:59:59.999999+00'", "'10000-01-01 00:00:00+00'", "'0987-06-05 04:03:02+00'",
)  # fmt: skip
POSTGRESQL = {
    "text": _WORDS,
    "varchar(300)": _WORDS,
    "char(5)": _SHORT,
    "name": _SHORT,
    '"char"': _SHORT[:3],
    "mood": ("'fine'", "'Ж'"),
    "words": _WORDS,
    "more_words": _WORDS,
    "known_mood": ("'fine'",),
    "smallint": _WHOLE,
    "integer": (*_WHOLE, "2147483647", "-2147483648"),
    "bigint": _BIG,
    "nonneg": ("0", "1", "2147483647"),
    "small_nonneg": ("0", "1", "999"),
    "large": _BIG,
    "numeric": (*_FLOATS, "99999999999999999999", "9223372036854775808", "1e-30"),
    "numeric(9,4)": _FRACTIONS,
    "share": _FRACTIONS,
    "real": _FLOATS,
    "double precision": (*_FLOATS, "1e300", "0.1::float8 + 0.2::float8"),
    "boolean": ("true", "false"),
    "yes_no": ("true", "false"),
    "timestamptz": _MOMENTS,
    "timestamptz(0)": _MOMENTS,
    "own_moment": _MOMENTS,
    "timestamp": _MOMENTS,
    "wall_clock": _MOMENTS,
    "date": ("'2021-03-28'", "'infinity'", "'0044-03-15 BC'", "'10000-01-01'"),
    "time": ("'12:30:00.000001'", "'24:00:00'"),
    "timetz": ("'12:30:00+02'",),
    "interval": ("'1 day 02:00:00'", "'-1 mon'"),
    "bytea": (r"'\x'", r"'\x00'", r"'\x6162'", r"'\xff00'", "decode(repeat('ff', 200), 'hex')"),
    "secret": (r"'\x6162'", r"'\xff'"),
    "uuid": ("'0f0e0d0c-0b0a-4988-8776-655443322110'",),
    "json": ("'{\"a\": 1.0}'", "'\"x\"'", "'7'", "'null'", "'true'"),
    "jsonb": ("'{\"a\": 1.0}'", "'\"x\"'", "'7'", "'null'", "'true'"),
    "doc": ("'{\"a\": [1, null]}'", "'7'"),
    "inet": ("'10.0.0.1'", "'10.0.0.0/8'", "'::1'"),
    "cidr": ("'10.0.0.0/8'",),
    "macaddr": ("'08:00:2b:01:02:03'",),
    "money": ("'7.00'", "'-1.50'"),
    "bit(8)": ("B'11111111'", "B'00000001'"),
    "varbit": ("B''", "B'1'"),
    "integer[]": ("'{}'", "'{1,NULL}'"),
    "text[]": ("'{}'", "'{a,\"b c\",NULL}'"),
    "counts": ("'{1,2}'",),
    "timestamptz[]": ("'{2021-03-28 00:59:59+00}'",),
    "pair": ("'(7,x)'", "'(7,)'", "'(,)'"),
    "own_pair": ("'(7,x)'", "'(,x)'"),
    "int4range": ("'[1,7)'", "'empty'"),
    "tstzrange": ("'[2021-03-28 00:59:59+00,)'",),
    "point": ("'(1.5,-200.25)'",),
    "tsvector": ("'a b'",),
    "oid": ("7", "4294967295"),
    "xid": ("'7'",),
    "pg_lsn": ("'0/7'",),
    "regclass": ("'pg_class'",),
}

_MY_TIMES = (
    "'2021-03-28 12:30:00'", "'2021-01-10 12:30:00.000001'", "'1971-01-01 00:00:01'",
    "'0000-00-00 00:00:00'", "'2021-00-00 00:00:00'",
)  # fmt: skip
_MY_WORDS = (
    "''", "'x'", "'7'", "'true'", "'NaN'", "'Ж☃𝄞'", "'a\\tb\\nc\\\\d'", "'2021-03-28 12:30:00'",
    "repeat('x', 300)", "concat('a', char(0), 'b')",
)  # fmt: skip
MARIADB = {
    "longtext": _MY_WORDS,
    "varchar(300)": _MY_WORDS,
    "char(5)": ("''", "'x'", "'7'", "'Ж'"),
    "varchar(300) CHARACTER SET latin1": ("''", "'x'", "'é'", "repeat('x', 300)"),
    "varchar(100) CHARACTER SET utf16": ("''", "'x'", "'☃𝄞'"),
    "varbinary(300)": ("''", "'x'", "x'00ff'", "x'6162'", "repeat(x'ff', 200)"),
    "binary(4)": ("'x'", "x'00ff'"),
    "blob": ("''", "x'00ff'"),
    "enum('a','b')": ("'a'", "'b'"),
    "enum('a','b') CHARACTER SET binary": ("'a'", "'b'"),
    "set('a','b')": ("''", "'a,b'"),
    "json": ("'{\"a\": 1.0}'", "'7'", "'null'"),
    "tinyint(1)": ("0", "1", "2", "-1"),
    "smallint": _WHOLE,
    "mediumint": _WHOLE,
    "int": (*_WHOLE, "2147483647"),
    "int(8) zerofill": ("0", "1", "42"),
    "bigint": _BIG,
    "bigint unsigned": ("0", "7", "9223372036854775808", "18446744073709551615"),
    "decimal(9,4)": ("0", "7", "7.5", "-0.0001"),
    "decimal(40,0)": ("7", "99999999999999999999"),
    "float": ("0", "7", "0.1", "-0.0", "1e30"),
    "double": ("0", "7", "0.1e0 + 0.2e0", "1e300"),
    "bit(1)": ("b'0'", "b'1'"),
    "bit(9)": ("b'100000001'",),
    "datetime(6)": (*_MY_TIMES, "'9999-12-31 23:59:59.999999'", "'0001-01-01 00:00:00'"),
    "datetime": _MY_TIMES,
    "timestamp(6) NULL": _MY_TIMES[:4],
    "date": ("'2021-03-28'", "'0000-00-00'"),
    "time(3)": ("'12:30:00.5'", "'-838:59:59'"),
    "year": ("2021", "0", "2155"),
    "uuid": ("'0f0e0d0c-0b0a-4988-8776-655443322110'",),
    "inet6": ("'::ffff:10.1.2.3'",),
    "point": ("ST_GeomFromText('POINT(1.5 -200.25)')",),
    "geometry": ("ST_GeomFromText('LINESTRING(0 0, -7.125 1e300)')",),
}
