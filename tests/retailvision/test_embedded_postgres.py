"""The embedded server in ordinary use."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retailvision.embedded_postgres import EmbeddedServer
from tests.retailvision.conftest import PROJECT_ROOT, command, connected, pid_of, run_command


def test_building_a_server_object_and_asking_its_status_touches_nothing(
    embedded: EmbeddedServer,
) -> None:
    status = embedded.status()

    assert not status.running
    assert status.pid is None
    assert status.problem is None
    assert not embedded.data_dir.exists()


def test_the_first_start_makes_a_utf8_cluster_that_only_its_owner_can_read(
    embedded: EmbeddedServer,
) -> None:
    embedded.ensure_running()

    assert (embedded.cluster.stat().st_mode & 0o777) == 0o700
    assert (embedded.socket_dir.stat().st_mode & 0o777) == 0o700
    with connected(embedded) as connection:
        settings = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'listen_addresses',"
                " 'TimeZone', 'server_encoding', 'max_connections', 'logging_collector')"
            ).fetchall()
        )
        row = connection.execute("SELECT lower('ЯБЛОКО Ä')").fetchone()
    assert settings == {
        "fsync": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "max_connections": "100",
        "logging_collector": "on",
    }
    assert row == ("яблоко ä",)
    status = embedded.status()
    assert status.running
    assert status.version is not None
    assert status.version.startswith("18.")
    assert list(status.log_dir.glob("*.log"))


def test_a_running_server_is_attached_within_milliseconds(running: EmbeddedServer) -> None:
    pid = pid_of(running)
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        EmbeddedServer(running.data_dir).ensure_running()
        times.append(time.perf_counter() - begun)

    assert pid_of(running) == pid
    assert sorted(times)[10] < 0.1  # 2 ms where nothing else runs


def test_of_several_processes_one_starts_and_the_others_attach(embedded: EmbeddedServer) -> None:
    starters = [
        subprocess.Popen(
            command("start", embedded), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(5)
    ]
    outputs = [starter.communicate(timeout=60)[0] for starter in starters]

    assert [starter.returncode for starter in starters] == [0] * 5
    assert all(f"process   {pid_of(embedded)}\n" in output for output in outputs)


def test_threads_of_one_process_do_not_start_two(embedded: EmbeddedServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: embedded.ensure_running(), range(4)))

    assert embedded.status().accepts_connections


def test_the_server_outlives_its_starter_and_keeps_none_of_its_pipes(
    embedded: EmbeddedServer,
) -> None:
    # Would wait for the time-out if the server had inherited the pipes.
    started = run_command("start", embedded)

    assert started.returncode == 0, started.stderr
    assert embedded.status().accepts_connections


def test_ctrl_c_in_the_terminal_of_the_starter_does_not_reach_the_server(
    embedded: EmbeddedServer,
) -> None:
    script = (
        "import signal, sys, time; from pathlib import Path;"
        # A run in the background of a shell inherits that Ctrl-C is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from retailvision.embedded_postgres import EmbeddedServer;"
        "EmbeddedServer(Path(sys.argv[1])).ensure_running(); print('up', flush=True);"
        "time.sleep(60)"
    )
    starter = subprocess.Popen(
        [command("start", embedded)[0], "-c", script, str(embedded.data_dir)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    pid = pid_of(embedded)

    os.killpg(starter.pid, signal.SIGINT)
    starter.communicate(timeout=30)

    assert pid_of(embedded) == pid
    assert embedded.status().accepts_connections
    assert os.getsid(pid) != os.getsid(0)


def test_stopping_says_whether_anything_ran_and_a_start_brings_the_data_back(
    running: EmbeddedServer,
) -> None:
    with connected(running) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        assert run_command("stop", running).stdout == "stopped\n"

    assert not running.status().running
    assert running.stop() is False
    assert run_command("status", running).returncode == 3
    running.ensure_running()
    with connected(running) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_two_data_directories_have_two_servers_side_by_side(open_dir: Path) -> None:
    first, second = EmbeddedServer(open_dir / "a"), EmbeddedServer(open_dir / "b")
    first.ensure_running()
    second.ensure_running()
    first.ensure_database("only_here")

    assert first.socket_dir != second.socket_dir
    with connected(second) as connection:
        names = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
    assert "only_here" not in names


def test_data_moved_away_are_not_served_to_what_is_made_in_their_place(open_dir: Path) -> None:
    server = EmbeddedServer(open_dir / "data")
    server.ensure_running()
    server.ensure_database("old")
    (open_dir / "data").rename(open_dir / "aside")
    server.ensure_running()

    with connected(server) as connection:
        names = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
    assert "old" not in names
    assert EmbeddedServer(open_dir / "aside").status().accepts_connections


def test_a_database_is_made_once_however_many_ask_for_it(running: EmbeddedServer) -> None:
    name = 'Обувь "и" all'
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: running.ensure_database(name), range(4)))

    with connected(running, name) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
    assert row == ("UTF8", "C.UTF-8")


def test_a_data_path_of_more_than_200_characters_works(open_dir: Path) -> None:
    server = EmbeddedServer(open_dir / ("long " + "x" * 120) / ("$HOME'\"" + "y" * 100) / "data")
    assert len(str(server.cluster)) > 200

    server.ensure_running()

    assert server.status().accepts_connections


def test_postgres_variables_of_the_environment_lead_nowhere_else(
    embedded: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGHOST": "db.example.org",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGDATA": "/nonexistent",
        "PGUSER": "nobody",
        "PGDATABASE": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)

    embedded.ensure_running()

    with connected(embedded) as connection:
        row = connection.execute("SELECT current_user, current_database()").fetchone()
    assert row == ("postgres", "postgres")


def test_vectors_are_found_through_an_hnsw_index_built_in_parallel(running: EmbeddedServer) -> None:
    with connected(running) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE TABLE photo (id int, vector halfvec)")
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            "INSERT INTO photo SELECT i % 4000, array_agg(random())::real[]::vector::halfvec"
            " FROM generate_series(0, 4000 * 64 - 1) i GROUP BY 1"
        )
        # Parallel workers share memory, which is what fails where /dev/shm is small.
        connection.execute("ALTER TABLE photo SET (parallel_workers = 2)")
        connection.execute(
            "CREATE INDEX photo_near ON photo USING hnsw ((vector::halfvec(64)) halfvec_cosine_ops)"
        )
        connection.execute("ANALYZE photo")
        query = (
            "SELECT id FROM photo ORDER BY vector::halfvec(64) <=> "
            "(SELECT vector::halfvec(64) FROM photo WHERE id = 7) LIMIT 3"
        )
        plan = "\n".join(line for (line,) in connection.execute(f"EXPLAIN {query}"))
        nearest = connection.execute(query).fetchone()

    assert "Index Scan using photo_near" in plan
    assert nearest == (7,)


def test_settings_are_renewed_at_a_start_and_local_ones_win(running: EmbeddedServer) -> None:
    running.stop()
    (running.cluster / "retailvision.conf").write_text("max_connections = 3\n")
    (running.cluster / "local.conf").write_text("work_mem = '7MB'\n")
    if os.geteuid() == 0:
        owner = running.cluster.stat()
        os.chown(running.cluster / "local.conf", owner.st_uid, owner.st_gid)
    running.ensure_running()

    with connected(running) as connection:
        assert connection.execute("SHOW max_connections").fetchone() == ("100",)
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
