"""Commands, environments and outputs with a secret in each, and what of them may be shown."""

from typing import NamedTuple


class SecretCase(NamedTuple):
    """A secret in a command's words, its environment or its output. `shown` must stay readable."""

    secret: str
    words: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    output: str = ""
    shown: str = ""


PEM_LINES = "MIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQDZ"

CASES = [
    # In the words of a command.
    SecretCase(
        "Zu4eeN01", ("pg_restore", "-d", "postgres://ada:Zu4eeN01@db/orders"), shown="@db/orders"
    ),
    SecretCase(
        "Zu@ee/N02", ("pg_restore", "-d", "postgres://ada:Zu@ee/N02@db/orders"), shown="@db/orders"
    ),
    SecretCase(
        "Zu4ee N03", ("psql", "host=db password='Zu4ee N03' dbname=orders"), shown="dbname=orders"
    ),
    SecretCase(
        "Zu4eeN04", ("mysql", "-uada", "-pZu4eeN04", "orders"), shown="mysql -uada -p*** orders"
    ),
    SecretCase("Zu4eeN05", ("mysql", "--password=Zu4eeN05", "orders"), shown="orders"),
    SecretCase("Zu4eeN06", ("mydumper", "-p", "Zu4eeN06", "-B", "orders"), shown="-B orders"),
    SecretCase(
        "Zu4eeN07", ("sudo", "-u", "ada", "mariadb", "-pZu4eeN07", "orders"), shown="-u ada mariadb"
    ),
    SecretCase(
        "Zu4eeN08",
        ("sh", "-c", "PGPASSWORD=Zu4eeN08 pg_restore -d orders dump"),
        shown="pg_restore -d orders dump",
    ),
    SecretCase(
        "Zu4ee N09", ("sh", "-c", "mysql -p'Zu4ee N09' orders < dump.sql"), shown="< dump.sql"
    ),
    SecretCase("Zu4eeN10", ("env", "MYSQL_PWD=Zu4eeN10", "mysql", "orders"), shown="mysql orders"),
    SecretCase(
        "Zu4eeN11",
        ("curl", "-u", "ada:Zu4eeN11", "https://backups/orders"),
        shown="https://backups/orders",
    ),
    SecretCase(
        "Zu4eeN12",
        ("curl", "-H", "Authorization: Bearer Zu4eeN12", "https://backups"),
        shown="https://backups",
    ),
    SecretCase("Zu4eeN13", ("restore", "--api-key", "Zu4eeN13", "--verbose"), shown="--verbose"),
    SecretCase("Zu4eeN14", ("sshpass", "-pZu4eeN14", "ssh", "db"), shown="ssh db"),
    SecretCase("Zu4eeN15", ("redis-cli", "-a", "Zu4eeN15", "--pipe"), shown="--pipe"),
    SecretCase("Zu4eeN16", ("sqlcmd", "-S", "db", "-P", "Zu4eeN16"), shown="-S db"),
    SecretCase(
        "Zu4eeN17", ("impdp", "ada/Zu4eeN17@db", "dumpfile=orders.dmp"), shown="dumpfile=orders.dmp"
    ),
    SecretCase("Zu4eeN18", ("7z", "x", "-pZu4eeN18", "orders.7z"), shown="orders.7z"),
    SecretCase(
        "Zu4eeN19",
        ("openssl", "enc", "-d", "-pass", "pass:Zu4eeN19", "-in", "dump"),
        shown="-in dump",
    ),
    SecretCase(
        "Zu4eeN20", ("restic", "restore", "-o", "s3.secret-key=Zu4eeN20", "latest"), shown="latest"
    ),
    SecretCase(
        "Zu4eeN21",
        ("restore", "https://blob/orders?se=2026&sig=Zu4eeN21"),
        shown="https://blob/orders",
    ),
    SecretCase(
        "Zu4eeN22",
        ("docker", "exec", "-ePGPASSWORD=Zu4eeN22", "db", "pg_restore"),
        shown="db pg_restore",
    ),
    SecretCase("Zu4eeN23", ("restore", '{"user": "ada", "password": "Zu4eeN23"}'), shown="ada"),
    SecretCase(
        "Zu4eeN24", ("mongorestore", "mongodb+srv://ada:Zu4eeN24@db/?tls=true"), shown="tls=true"
    ),
    # In the environment, and then anywhere.
    SecretCase(
        "Zu4eeN25",
        environment={"PGPASSWORD": "Zu4eeN25"},
        output="tried Zu4eeN25, it says",
        shown="it says",
    ),
    SecretCase(
        "Zu%40ee",
        environment={"DATABASE_URL": "postgres://ada:Zu%40ee@db/orders"},
        output="login with Zu@ee and Zu%40ee to db",
        shown="to db",
    ),
    SecretCase(
        "Zu4ee'N27",
        environment={"APP_SECRET_KEY": "Zu4ee'N27"},
        output="SET key = 'Zu4ee''N27'; done",
        shown="done",
    ),
    SecretCase(
        "Zu4eeN28",
        environment={"AWS_SESSION_TOKEN": "Zu4eeN28"},
        output="base64: WnU0ZWVOMjg= it was",
        shown="it was",
    ),
    SecretCase(
        PEM_LINES.split("\n")[1],
        environment={"TLS_PRIVATE_KEY": PEM_LINES},
        output=f"{PEM_LINES}\nread",
        shown="read",
    ),
    # In the output.
    SecretCase(
        "Zu4eeN30",
        output="connecting to postgres://ada:Zu4eeN30@db/orders\nfailed",
        shown="db/orders\nfailed",
    ),
    SecretCase("Zu4ee N31", output='{"password": "Zu4ee N31", "host": "db"}', shown='"host": "db"'),
    SecretCase("Zu4eeN32", output="password: Zu4eeN32\nhost: db", shown="host: db"),
    SecretCase("Zu4eeN33", output="CREATE ROLE ada PASSWORD 'Zu4eeN33' LOGIN;", shown="LOGIN"),
    SecretCase("Zu4eeN34", output="db:5432:orders:ada:Zu4eeN34\nread", shown="read"),
    SecretCase("AKIA4EENZU4EENZU4EEN", output="using AKIA4EENZU4EENZU4EEN for s3", shown="for s3"),
    SecretCase(
        "Zu4eeN36",
        output="+ PGPASSWORD=Zu4eeN36 pg_restore -d orders",
        shown="pg_restore -d orders",
    ),
    SecretCase("Zu4eeN37", output="+ mysql -uada -pZu4eeN37 orders", shown="orders"),
    SecretCase(
        "Zu4eeN38", output="\x1b[1mpassword\x1b[0m=\x1b[31mZu4eeN38\x1b[0m\nend", shown="end"
    ),
    SecretCase(
        "ghp_Zu4eeN39Zu4eeN39Zu4e", output="cloning ghp_Zu4eeN39Zu4eeN39Zu4e ok", shown="ok"
    ),
    SecretCase(
        PEM_LINES.split("\n")[0],
        output=f"-----BEGIN PRIVATE KEY-----\n{PEM_LINES}\n-----END PRIVATE KEY-----\nread",
        shown="read",
    ),
]
"""Forty; each secret is another one, so that a leak says where it comes from."""
