"""Web and worker under supervisord: its configuration, and whether it runs."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from supervisor.options import ServerOptions

from retailvision import supervision


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    # A place that both supervisord's file and its command lines must quote.
    settings.DATA_DIR = tmp_path / "100% data"
    settings.DATA_DIR.mkdir()
    return Path(settings.DATA_DIR)


def as_supervisord_reads_it(path: Path) -> ServerOptions:
    options = ServerOptions()
    options.realize(["-c", str(path)])
    return options


@pytest.mark.parametrize("detach", [True, False])
def test_supervisord_reads_what_is_written(data_dir: Path, detach: bool) -> None:
    path = supervision.write_config(detach=detach)
    assert path == data_dir / "run" / "supervisord.conf"
    options = as_supervisord_reads_it(path)
    assert options.nodaemon is not detach
    assert options.pidfile == str(data_dir / "run" / "supervisord.pid")
    assert options.logfile == str(data_dir / "logs" / "supervisord.log")
    programs = {
        program.name: program
        for group in options.process_group_configs
        for program in group.process_configs
    }
    assert {name: shlex.split(program.command) for name, program in programs.items()} == {
        "web": [sys.executable, "-m", "gunicorn", "retailvision.wsgi"],
        "worker": [sys.executable, "manage.py", "worker"],
    }
    for name, program in programs.items():
        assert program.autostart
        assert str(program.autorestart) == "<class 'supervisor.datatypes.RestartUnconditionally'>"
        assert program.stopasgroup
        assert program.killasgroup
        log = str(data_dir / "logs" / f"{name}.log") if detach else "/dev/fd/1"
        assert program.stdout_logfile == log


def test_supervisord_is_started_with_that_file(data_dir: Path) -> None:
    path = supervision.write_config(detach=True)
    assert supervision.supervisor_command(path) == [
        sys.executable, "-m", "supervisor.supervisord", "-c", str(path),
    ]  # fmt: skip


def test_writing_it_again_replaces_it() -> None:
    first = supervision.write_config(detach=True).read_text()
    assert supervision.write_config(detach=False).read_text() != first
    assert supervision.write_config(detach=True).read_text() == first


def test_nothing_runs_without_a_pid_file() -> None:
    assert supervision.running_pid() is None
    assert not supervision.stop_supervisor()


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the site."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("text", ["", "no number", "-1", "0", "999999999", "1 2"])
def test_a_pid_file_without_a_process_is_not_believed(text: str) -> None:
    supervision.write_config(detach=True)
    supervision.pid_file().write_text(text)
    assert supervision.running_pid() is None
    assert not supervision.stop_supervisor()


def test_a_pid_that_belongs_to_somebody_else_now_is_not_believed(
    bystander: subprocess.Popen[bytes],
) -> None:
    supervision.write_config(detach=True)
    for pid in (bystander.pid, os.getpid(), 1):
        supervision.pid_file().write_text(str(pid))
        assert supervision.running_pid() is None
        assert not supervision.stop_supervisor()
    assert bystander.poll() is None


def test_the_supervisor_of_this_directory_is_believed_and_stopped() -> None:
    path = supervision.write_config(detach=True)
    code = "import signal; print(flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=-1) as process:
        assert process.stdout is not None
        process.stdout.readline()
        supervision.pid_file().write_text(f"{process.pid}\n")
        assert supervision.running_pid() == process.pid
        assert supervision.stop_supervisor(timeout=1)
        assert process.wait(5) == -15
    assert supervision.running_pid() is None
