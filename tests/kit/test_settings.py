import asyncio
import base64
import errno
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Environment, Settings, SettingsError, SettingsExtension, format_settings_table
from luxewin.kit.startup import StartupError, disk_error
from luxewin.kit.variables import Group, list_variables, variable

KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "LUXEWIN_ENV": "production",
    "LUXEWIN_ADMIN_EMAIL": "owner@example.com",
    "LUXEWIN_ADMIN_PASSWORD": "correct horse battery",
    "LUXEWIN_PUBLIC_URL": "https://shop.example.com/",
}
VARIABLES = list(
    list_variables(Settings, *(group for extension in SETTINGS_EXTENSIONS for group in extension.all_groups))
)


def refusals(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.load(environ, SETTINGS_EXTENSIONS)
    return str(refused.value).splitlines()


def opened(folder: Path, **environ: str) -> Secrets:
    return Secrets.open(Settings.load({"LUXEWIN_DATA_DIR": str(folder), **environ}, SETTINGS_EXTENSIONS))


def test_nothing_given_is_a_development_shop_on_this_machine_alone() -> None:
    settings = Settings.load({"PATH": "/bin"}, SETTINGS_EXTENSIONS)
    assert (settings.environment, settings.default_tenant) == (Environment.DEVELOPMENT, "luxyhome")
    assert (settings.http.host, settings.http.port, settings.http.processes) == ("127.0.0.1", 8000, 1)
    assert settings.database.address is None
    assert settings.data_dir == Path.cwd() / "var"


def test_each_variable_sets_its_field() -> None:
    settings = Settings.load(
        {
            "LUXEWIN_ENV": "test",
            "LUXEWIN_HOST": "::",
            "LUXEWIN_PORT": "9001",
            "LUXEWIN_DATA_DIR": "/srv/luxewin/../shop",
            "LUXEWIN_DATABASE_URL": "postgres://ann:s%2Fecret@db.example.com:6432/shop?sslmode=require",
            "LUXEWIN_DEFAULT_TENANT": "luxewin",
            "LUXEWIN_ADMIN_EMAIL": "owner@example.com",
            "LUXEWIN_ADMIN_PASSWORD": "correct horse",
            "LUXEWIN_PROCESSES": "4",
            "LUXEWIN_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        },
        SETTINGS_EXTENSIONS,
    )
    assert settings.environment is Environment.TEST
    assert (settings.http.port, settings.http.processes) == (9001, 4)
    assert settings.http.base_url == "http://[::1]:9001"
    assert [str(network) for network in settings.http.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.data_dir == Path("/srv/shop")
    assert settings.database.address == DatabaseAddress(
        host="db.example.com",
        port=6432,
        database="shop",
        user="ann",
        password="s/ecret",
        options=(("sslmode", "require"),),
    )
    assert settings.admin.password is not None
    assert settings.admin.password.get_secret_value() == "correct horse"


@pytest.mark.parametrize(
    ("host", "reached_at"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - nothing listens there
        ("::", "http://[::1]:8000"),
        ("10.0.0.7", "http://10.0.0.7:8000"),
        ("fe80::7", "http://[fe80::7]:8000"),
        ("shop.internal", "http://shop.internal:8000"),
    ],
)
def test_the_address_for_people_can_be_reached(host: str, reached_at: str) -> None:
    assert Settings.load({"LUXEWIN_HOST": host}, SETTINGS_EXTENSIONS).http.base_url == reached_at


def test_an_empty_variable_counts_as_absent() -> None:
    empty = {"LUXEWIN_PORT": "", "LUXEWIN_DATABASE_URL": "  "}
    assert Settings.load(empty, SETTINGS_EXTENSIONS) == Settings.load({}, SETTINGS_EXTENSIONS)


def test_every_bad_variable_gets_one_line_with_its_remedy() -> None:
    lines = refusals({"LUXEWIN_PORT": "80x", "LUXEWIN_ENV": "prod", "LUXEWIN_PROCESSES": "0"})
    assert lines == [
        "LUXEWIN_ENV='prod' cannot be used: give development, production or test",
        "LUXEWIN_PORT='80x' cannot be used: give a whole number from 0 to 65535",
        "LUXEWIN_PROCESSES='0' cannot be used: give a whole number from 1 to 64",
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("LUXEWIN_PROT", "LUXEWIN_PORT"),
        ("LUXEWIN_DATABSE_URL", "LUXEWIN_DATABASE_URL"),
        ("LUXEWIN_TENANT", "LUXEWIN_DEFAULT_TENANT"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_name_that_was_meant(name: str, meant: str) -> None:
    assert refusals({name: "1"}) == [f"{name}: there is no such setting; did you mean {meant}?"]


def test_a_variable_that_resembles_none_is_refused() -> None:
    assert refusals({"LUXEWIN_QWXZ": "1"}) == ["LUXEWIN_QWXZ: there is no such setting; unset it"]


def test_no_secret_shows_in_the_settings_nor_in_a_refusal() -> None:
    given_secrets = {
        "LUXEWIN_DATABASE_URL": "postgresql://ann:hunter2hunter2@db/shop",
        "LUXEWIN_ADMIN_PASSWORD": "hunter2hunter2",
        "LUXEWIN_MASTER_KEY": KEY,
    }
    shown = repr(Settings.load(given_secrets, SETTINGS_EXTENSIONS))
    assert "hunter2" not in shown
    assert KEY not in shown
    bad = {
        "LUXEWIN_DATABASE_URL": "postgresql://ann:hunter2/hunter2@db",
        "LUXEWIN_ADMIN_PASSWORD": "hunter2",
        "LUXEWIN_MASTER_KEY": "hunter2",
    }
    assert "hunter2" not in "".join(refusals(bad))


def test_settings_cannot_be_changed() -> None:
    settings = Settings.load({}, SETTINGS_EXTENSIONS)
    with pytest.raises(ValidationError, match="frozen"):
        settings.http.port = 1  # type: ignore[misc]  # the refusal at run time is the law


class FlagSettings(Group):
    colour: str = variable(
        "LUXEWIN_FLAG_COLOUR", "red", outside_production="green", meaning="Colour.", remedy="give red or green"
    )
    height: int = variable("LUXEWIN_FLAG_HEIGHT", 2, meaning="Height.", remedy="give 1 or more", ge=1)


def _faults(settings: Settings) -> Iterator[str]:
    if settings.is_production and settings.of(FlagSettings).colour == "green":
        yield "LUXEWIN_FLAG_COLOUR=green: give red"


FLAG = [SettingsExtension(groups=(FlagSettings,), faults=_faults)]


def test_a_module_declares_a_group_of_its_own() -> None:
    environ = {"LUXEWIN_FLAG_HEIGHT": "3"}
    settings = Settings.load(environ, FLAG)
    assert settings.of(FlagSettings) == FlagSettings(colour="green", height=3)
    assert Settings.load(PRODUCTION, FLAG).of(FlagSettings).colour == "red"
    assert settings.model_copy(update={"data_dir": Path("/srv")}).of(FlagSettings).height == 3
    assert "| `LUXEWIN_FLAG_COLOUR` | `red` | Colour. |" in format_settings_table(FLAG)
    assert Settings.load({}).of(FlagSettings).colour == "green"
    assert Settings.load(PRODUCTION).of(FlagSettings).colour == "red"


def test_the_faults_of_all_groups_are_reported_together() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({"LUXEWIN_PORT": "x", "LUXEWIN_FLAG_HEIGHT": "0", "LUXEWIN_FLAG_COLOR": "1"}, FLAG)
    assert str(refused.value).splitlines() == [
        "LUXEWIN_FLAG_COLOR: there is no such setting; did you mean LUXEWIN_FLAG_COLOUR?",
        "LUXEWIN_PORT='x' cannot be used: give a whole number from 0 to 65535",
        "LUXEWIN_FLAG_HEIGHT='0' cannot be used: give 1 or more",
    ]
    with pytest.raises(SettingsError, match=r"^LUXEWIN_FLAG_COLOUR=green: give red$"):
        Settings.load({**PRODUCTION, "LUXEWIN_FLAG_COLOUR": "green"}, FLAG)


def test_production_starts_with_safe_settings_only() -> None:
    assert Settings.load(PRODUCTION, SETTINGS_EXTENSIONS).http.base_url == "https://shop.example.com"
    for absent in ("LUXEWIN_ADMIN_EMAIL", "LUXEWIN_ADMIN_PASSWORD", "LUXEWIN_PUBLIC_URL"):
        lines = refusals({name: value for name, value in PRODUCTION.items() if name != absent})
        assert [line.partition(":")[0] for line in lines] == [absent]


@pytest.mark.parametrize(
    ("name", "value", "blamed"),
    [
        ("LUXEWIN_BEACON", "local", "LUXEWIN_BEACON"),
        ("LUXEWIN_PUBLIC_URL", "http://shop.example.com", "LUXEWIN_PUBLIC_URL"),
        ("LUXEWIN_LIMIT_SCALE", "1000", "LUXEWIN_LIMIT_SCALE"),
        ("LUXEWIN_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0", "LUXEWIN_TRUSTED_PROXIES"),
        ("LUXEWIN_METRICS_FROM", "::/0", "LUXEWIN_METRICS_FROM"),
        ("LUXEWIN_DATABASE_URL", "postgresql://ann:x@db/shop", "LUXEWIN_MASTER_KEY"),
    ],
)
def test_production_refuses_what_is_unsafe(name: str, value: str, blamed: str) -> None:
    assert [re.split("[:=]", line)[0] for line in refusals({**PRODUCTION, name: value})] == [blamed]


@pytest.mark.parametrize("environ", [{}, {"LUXEWIN_ENV": "development"}, PRODUCTION])
def test_processes_kill_themselves_in_the_test_environment_alone(environ: dict[str, str], tmp_path: Path) -> None:
    armed = {"LUXEWIN_CRASH_POINTS": str(tmp_path)}
    assert [line.partition(":")[0] for line in refusals({**environ, **armed})] == ["LUXEWIN_CRASH_POINTS"]
    assert Settings.load({"LUXEWIN_ENV": "test", **armed}, SETTINGS_EXTENSIONS).crash_points == tmp_path


def test_only_production_requires_the_published_limits() -> None:
    assert Settings.load({}, SETTINGS_EXTENSIONS).limits.scale > 1
    assert Settings.load(PRODUCTION, SETTINGS_EXTENSIONS).limits.scale == 1


@given(st.dictionaries(st.sampled_from(VARIABLES), st.text(max_size=40), max_size=4))
@example({"LUXEWIN_DATABASE_URL": "postgresql://[::1/shop"})
@example({"LUXEWIN_DATABASE_URL": "postgresql://ann@db:70000/shop"})
@example({"LUXEWIN_PORT": "9" * 5000})
@example({"LUXEWIN_LIMIT_SCALE": "nan"})
@example({"LUXEWIN_DATA_DIR": "~nobody-of-that-name/var"})
def test_any_text_in_any_variable_is_either_used_or_refused_in_one_line_each(environ: dict[str, str]) -> None:
    try:
        Settings.load(environ, SETTINGS_EXTENSIONS)
    except SettingsError as refused:
        lines = str(refused).splitlines()
        assert {line.partition("=")[0].split()[0].rstrip(":") for line in lines} <= environ.keys() | set(PRODUCTION)
        assert len(lines) <= len(environ) + len(PRODUCTION)


def test_the_table_documents_every_variable_once() -> None:
    rows = [line.split("|") for line in format_settings_table(SETTINGS_EXTENSIONS).splitlines()[2:]]
    own = list_variables(Settings, *(group for extension in SETTINGS_EXTENSIONS for group in extension.groups))
    assert [row[1].strip() for row in rows] == [f"`{name}`" for name in own]
    assert all(cell.strip() for row in rows for cell in row[1:4])
    assert "`8000`" in format_settings_table(SETTINGS_EXTENSIONS)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://ann@db/shop", "postgresql://"),
        ("postgresql://db/shop", "no user"),
        ("postgresql://ann@db", "no database"),
        ("postgresql:///shop?user=ann", "no host"),
        ("postgresql://ann@a,b/shop", "one host"),
        ("postgresql://ann@db/shop?channel_binding=require", "channel_binding"),
        ("postgresql://ann@db:port/shop", "percent-encoded"),
    ],
)
def test_a_database_address_that_cannot_be_used_says_why(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DatabaseAddress.parse(url)


def test_a_database_address_may_be_a_socket_and_serves_every_client() -> None:
    address = DatabaseAddress.parse("postgresql:///shop?host=/run/postgresql&user=ann&password=x&sslmode=disable")
    assert address.connect_arguments() == {
        "host": "/run/postgresql",
        "port": 5432,
        "database": "shop",
        "user": "ann",
        "password": "x",
        "dsn": "postgresql:///?sslmode=disable",
    }
    assert address.environment()["PGSSLMODE"] == "disable"
    assert "hidden" not in repr(address.as_role("bob", "hidden"))


def test_secrets_are_made_once_and_belong_to_their_owner_alone(tmp_path: Path) -> None:
    first, second = opened(tmp_path / "var"), opened(tmp_path / "var")
    assert len(first.master_key) == 32
    assert first.master_key == second.master_key
    assert first.local("database_admin") == second.local("database_admin")
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(kept.stat().st_mode) for kept in first.folder.iterdir()} == {0o600}
    assert sorted(kept.name for kept in first.folder.iterdir()) == ["database_admin", "master_key"]


async def test_programs_that_start_at_the_same_moment_agree_on_the_secrets(tmp_path: Path) -> None:
    program = (
        "import sys; from luxewin.kit.secrets import Secrets; from luxewin.kit.settings import Settings;"
        "sys.stdin.readline(); secrets = Secrets.open(Settings.load({'LUXEWIN_DATA_DIR': sys.argv[1]}));"
        "print(secrets.master_key.hex(), secrets.local('database_admin'))"
    )
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    assert len({output for output, _ in said}) == 1
    assert said[0][0]


def test_a_given_master_key_is_used_and_not_written_down(tmp_path: Path) -> None:
    secrets = opened(tmp_path, LUXEWIN_MASTER_KEY=KEY)
    assert secrets.master_key == bytes(range(32))
    assert list(secrets.folder.iterdir()) == []


def test_two_master_keys_that_disagree_are_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    with pytest.raises(StartupError, match="LUXEWIN_MASTER_KEY differs"):
        opened(tmp_path, LUXEWIN_MASTER_KEY=KEY)


def test_passwords_of_roles_follow_from_the_key_and_differ(tmp_path: Path) -> None:
    here, elsewhere = opened(tmp_path / "a", LUXEWIN_MASTER_KEY=KEY), opened(tmp_path / "b", LUXEWIN_MASTER_KEY=KEY)
    assert here.database_password("app") == elsewhere.database_password("app")
    assert here.database_password("app") != here.database_password("system")
    assert here.database_password("app") != opened(tmp_path / "c").database_password("app")
    assert here.local("database_admin") != elsewhere.local("database_admin")


def test_a_given_password_of_a_role_is_used(tmp_path: Path) -> None:
    secrets = opened(tmp_path, LUXEWIN_DATABASE_APP_PASSWORD="set by somebody else")
    assert secrets.database_password("app") == "set by somebody else"
    assert "somebody" not in repr(secrets)
    assert secrets.master_key.hex() not in repr(secrets)


def test_a_secret_that_is_readable_by_others_is_refused(tmp_path: Path) -> None:
    key = opened(tmp_path).folder / "master_key"
    key.chmod(0o640)
    with pytest.raises(StartupError, match=f"chmod 600 {key}"):
        opened(tmp_path)


def test_a_damaged_master_key_is_refused(tmp_path: Path) -> None:
    key = opened(tmp_path).folder / "master_key"
    key.write_text("", encoding="ascii")
    with pytest.raises(StartupError, match="damaged"):
        opened(tmp_path)


@pytest.mark.parametrize("name", ["../master_key", "", "Upper", "a b"])
def test_a_secret_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a valid name"):
        opened(tmp_path).local(name)


def test_a_data_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("", encoding="ascii")
    with pytest.raises(StartupError, match=r"must be a folder.*LUXEWIN_DATA_DIR"):
        opened(tmp_path / "var")


@pytest.mark.skipif(not Path("/sys/kernel").exists(), reason="needs a file system that not even root may write: /sys")
def test_a_data_folder_that_cannot_be_written_is_refused_in_one_line() -> None:
    with pytest.raises(StartupError, match=r"^/sys/luxewin cannot be written by .*LUXEWIN_DATA_DIR[^\n]*$"):
        opened(Path("/sys/luxewin"))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "is full: free some space"),
        (errno.EROFS, "read-only file system: set LUXEWIN_DATA_DIR"),
        (errno.EEXIST, "must be a folder"),
        (errno.EACCES, "sudo chown -R"),
        (errno.EIO, "Input/output error.*set LUXEWIN_DATA_DIR"),
    ],
)
def test_each_disk_error_is_reported_with_its_remedy(number: int, remedy: str) -> None:
    refused = str(disk_error(OSError(number, os.strerror(number)), Path("/srv/var")))
    assert re.search(remedy, refused)
    assert refused.count("/srv/var") >= 1
    assert "\n" not in refused
