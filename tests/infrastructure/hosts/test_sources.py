"""Source URLs: each option means one thing to whoever reads the host, or is refused by name."""

import pytest

from infrastructure.hosts import readers as importing
from infrastructure.hosts.connecting import Source, parse_source
from infrastructure.hosts.connecting.errors import BadSourceUrl
from infrastructure.hosts.connecting.tls import Tls
from projections.verification.actual import readers as verifying

PLAIN = Tls("PREFERRED")


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("sqlite:///host.db", Source("sqlite", "host.db")),
        ("sqlite:////a%20b/h%3F.db?timeout=9&mode=ro&immutable=yes",
         Source("sqlite", "/a b/h?.db", options={"timeout": 9, "immutable": True})),
        ("postgres://me:p%40ss@db.example:5433/shop",
         Source("postgresql", "shop", "db.example", 5433, "me", "p@ss")),
        ("postgresql://me@[::1]:5433/shop", Source("postgresql", "shop", "::1", 5433, "me")),
        ("postgres://me@%2Fvar%2FRun/shop", Source("postgresql", "shop", "/var/Run", None, "me")),
        ("postgres:///shop?host=/var/Run&port=5439&user=me&password=x",
         Source("postgresql", "shop", "/var/Run", 5439, "me", "x")),
        ("postgres:///shop?currentSchema=branch_b",
         Source("postgresql", "shop", options={"settings": {"search_path": "branch_b"}})),
        ("postgres:///shop?options=-c%20search_path%3Db%2Cpublic%20--lock-timeout%3D9",
         Source("postgresql", "shop",
                options={"settings": {"search_path": "b,public", "lock_timeout": "9"}})),
        ("postgres:///shop?sslmode=verify-full&sslrootcert=/ca.pem&client_encoding=UTF8",
         Source("postgresql", "shop",
                options={"sslmode": "verify-full", "sslrootcert": "/ca.pem"})),
        ("mysql://me:x@db:3307/shop?charset=utf8mb4",
         Source("mysql", "shop", "db", 3307, "me", "x", {"tls": PLAIN})),
        ("mysql://me@%2FRun%2Fmy.sock/shop",
         Source("mysql", "shop", "/Run/my.sock", None, "me", options={"tls": PLAIN})),
        ("mysql:///shop?unix_socket=/Run/my.sock",
         Source("mysql", "shop", options={"unix_socket": "/Run/my.sock", "tls": PLAIN})),
        ("mysql:///shop?socket=/my.sock",
         Source("mysql", "shop", options={"unix_socket": "/my.sock", "tls": PLAIN})),
        ("mysql://db/shop?ssl-ca=/ca.pem",
         Source("mysql", "shop", "db", options={"tls": Tls("VERIFY_IDENTITY", "/ca.pem")})),
        ("mysql://db/shop?ssl_ca=/ca.pem&ssl-mode=verify_ca",
         Source("mysql", "shop", "db", options={"tls": Tls("VERIFY_CA", "/ca.pem")})),
        ("mysql://db/shop?sslmode=REQUIRED",
         Source("mysql", "shop", "db", options={"tls": Tls("REQUIRED")})),
        ("mysql://db/shop?ssl-mode=required&ssl-ca=/ca.pem",
         Source("mysql", "shop", "db", options={"tls": Tls("VERIFY_CA", "/ca.pem")})),
        ("mysql://db/shop?ssl_disabled=true",
         Source("mysql", "shop", "db", options={"tls": Tls("DISABLED")})),
        ("mysql://db/shop?ssl_verify_identity=1&ssl-cert=/c&ssl-key=/k",
         Source("mysql", "shop", "db",
                options={"tls": Tls("VERIFY_IDENTITY", cert="/c", key="/k")})),
        ("mysql://db/shop?read_timeout=60",
         Source("mysql", "shop", "db", options={"read_timeout": 60, "tls": PLAIN})),
    ],
)  # fmt: skip
def test_what_a_url_means(url, source):
    assert parse_source(url) == source


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("sqlite:///h.db?cache=shared", "cache"),
        ("sqlite:///h.db?mode=rwc", "mode"),
        ("sqlite:///h.db?timeout=soon", "timeout"),
        ("postgres:///shop?schema=b", "schema"),
        ("postgres:///shop?search_path=b", "search_path"),
        ("postgres:///shop?assume_role=reader", "assume_role"),
        ("postgres:///shop?pool=true", "pool"),
        ("postgres:///shop?dbname=other", "dbname"),
        ("postgres:///shop?client_encoding=latin1", "client_encoding"),
        ("postgres:///shop?options=-E", "options"),
        ("postgres:///shop?currentSchema=", "schema"),
        ("postgres:///shop?currentSchema=b&options=-csearch_path%3Dc", "currentSchema"),
        ("postgres:///shop?sslmode=require&sslmode=disable", "sslmode"),
        ("mysql:///shop?sql_mode=ANSI", "sql_mode"),
        ("mysql:///shop?isolation_level=serializable", "isolation_level"),
        ("mysql:///shop?charset=latin1", "charset"),
        ("mysql:///shop?ssl-mode=strict", "ssl-mode"),
        ("mysql:///shop?ssl-mode=preferred&ssl-ca=/ca.pem", "PREFERRED"),
        ("mysql:///shop?ssl_disabled=1&ssl-ca=/ca.pem", "ssl_disabled"),
        ("mysql:///shop?ssl-ca=/a&ssl_ca=/b", "spellings"),
        ("mysql:///shop?init_command=DELETE+FROM+users", "init_command"),
        ("mysql:///shop?currentSchema=b", "currentSchema"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(url, named):
    with pytest.raises(BadSourceUrl, match=named):
        parse_source(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me:s3#cret@db/shop",
        "postgres://me:s3?cret@db/shop",
        "mysql://me:12?s3cret@db/shop",
        "mysql://db/shop?s3!cret@x=1",
        "sqlite://me:s3cret@db/shop",
        "postgres://me@db:s3cret/shop",
    ],
)
def test_a_misspelt_url_is_refused_and_its_password_not_repeated(url):
    with pytest.raises(BadSourceUrl) as refused:
        parse_source(url)
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("opened", [importing.open_host, verifying.open_compared_host])
@pytest.mark.parametrize("url", ["sqlite:///h.db?cache=shared", "mysql:///x?colour=red"])
def test_both_sides_refuse_an_option_in_the_same_words(opened, url):
    with pytest.raises(BadSourceUrl) as refused:
        opened(url)
    with pytest.raises(BadSourceUrl) as parsed:
        parse_source(url)
    assert str(refused.value) == str(parsed.value)
