"""What a hostile program must not use up, in every layer and account."""

import pytest


@pytest.mark.parametrize("parent_ends_by", ["exiting", "timeout"])
def test_daemons_die_with_the_run(arena, parent_ends_by):
    wait = "time.sleep(60)" if parent_ends_by == "timeout" else ""

    ended = arena.run(
        f"""
        import os, subprocess, sys, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp("python", ["python", "-c", "import time, signal;"
                        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", marker])
                os._exit(0)
        time.sleep(0.3)
        {wait}
        """,
        time_s=2.0 if wait else 60.0,
    )

    assert ended.ended == ("timeout" if wait else "exited")
    assert arena.survivors() == []


def test_fork_bomb_is_bounded(arena):
    ended = arena.run(
        """
        import os, sys, time
        count = 0
        try:
            while True:
                if os.fork() == 0:
                    time.sleep(60)
                count += 1
        except BlockingIOError:
            print(count)
        """,
        processes=30,
    )

    assert ended.ended == "exited"
    # Without namespaces the kernel counts the account's other processes, which come and go.
    assert ended.said <= (30 if arena.is_namespaced else 300)


def test_exponential_fork_bomb_ends_with_the_run(arena):
    ended = arena.run(
        """
        import os
        while True:
            try:
                os.fork()
            except BlockingIOError:
                pass
        """,
        time_s=1.0,
        processes=40,
    )

    assert ended.ended == "timeout"
    assert ended.wall_s < 30  # else it goes on for ever
    assert arena.survivors() == []


@pytest.mark.parametrize(
    "program",
    [
        "block = bytearray(400 << 20); import time; time.sleep(20)",
        """
import os, time
for _ in range(6):
    if os.fork() == 0:
        block = bytearray(60 << 20)
        time.sleep(20)
time.sleep(20)
""",
        """
import ctypes, threading, time
def use():
    time.sleep(0.2)
    block = bytearray(400 << 20)
    time.sleep(20)
threading.Thread(target=use).start()
ctypes.CDLL(None).pthread_exit(None)
""",
    ],
    ids=["one-process", "many-processes", "after-the-first-thread"],
)
def test_memory_of_the_whole_run_is_limited(arena, program):
    ended = arena.run(program, memory_mib=256)

    assert ended.ended == "memory"
    assert ended.detail == "used more than 256 MiB of memory"
    assert 256 < ended.peak_memory_mib < 1000
    assert arena.survivors() == []


@pytest.mark.parametrize("flags", ["MAP_SHARED | mmap.MAP_ANONYMOUS", "MAP_SHARED"])
def test_memory_in_nobodys_account_is_refused(arena, flags):
    # Its pages stay when they are handed back with madvise, and then count for no process.
    ended = arena.run(
        f"""
        import mmap, os
        try:
            file = -1 if "ANON" in {flags!r} else os.open("/dev/zero", os.O_RDWR)
            block = mmap.mmap(file, 4096, flags=mmap.{flags})
        except OSError as error:
            print('"refused"')
        else:
            block[0] = 1
            block.madvise(mmap.MADV_DONTNEED)
            print(block[0])
        """
    )

    assert ended.said == "refused"


def test_shared_memory_is_counted_once(arena):
    ended = arena.run(
        """
        import os, time
        block = bytearray(120 << 20)
        children = [os.fork() for _ in range(3) ]
        time.sleep(0.5)
        """,
        memory_mib=256,
    )

    # 2 x 2 x 2 processes with the same 120 MiB: 960 MiB by naive counting.
    assert ended.ended == "exited"


def test_huge_allocation_fails_inside(arena):
    ended = arena.run("bytearray(100 << 30)", memory_mib=256)

    assert ended.exit_code == 1
    assert ended.log.strip().endswith("MemoryError")


def test_full_output_is_said(walled_arena):
    ended = walled_arena.run("open('/output/big', 'wb').write(bytes(20 << 20))")

    assert ended.ended == "output"
    assert ended.detail == "/output or /tmp was full when the program failed"


def test_output_quota_holds_for_many_files(arena):
    ended = arena.run(
        """
        import time
        for number in range(40):
            with open(f"/output/{number}", "wb") as file:
                file.write(bytes(1 << 20))
            time.sleep(0.02)
        """
    )

    assert ended.ended == "output"
    assert ended.files == set()


def test_number_of_files_is_limited(arena):
    ended = arena.run(
        """
        for number in range(500):
            open(f"/output/{number}", "w").close()
        """
    )

    assert ended.ended == "output"


@pytest.mark.parametrize(
    "hide",
    ["os.umask(0); os.mkdir('x', 0o300); os.chdir('x')",
     "[(os.mkdir('d' * 250), os.chdir('d' * 250)) for _ in range(20)]"],
    ids=["unreadable", "path-too-long"],
)  # fmt: skip
def test_folder_that_cannot_be_measured_ends_the_run(arena, hide):
    ended = arena.run(
        f"""
        import os, time
        os.chdir("/tmp")
        {hide}
        for number in range(20):
            with open(str(number), "wb") as file:
                file.write(bytes(1 << 20))
            time.sleep(0.05)
        """
    )

    # Behind namespaces the kernel counts; else what cannot be looked into counts as too much.
    assert ended.ended == "output"


def test_folders_without_end_are_removed(arena):
    ended = arena.run(
        """
        import os
        for place in ("/tmp", "/output"):
            os.chdir(place)
            for _ in range(1500):
                os.mkdir("d")
                os.chdir("d")
        """,
        files=4000,
    )

    assert ended.ended in ("exited", "output")
    assert list(arena.folder.glob("sandbox-*")) == []


def test_sparse_file_is_not_copied_in_full(arena):
    ended = arena.run("open('/output/sparse', 'wb').truncate(7 << 20); "
                      "open('/output/more', 'wb').truncate(7 << 20)")  # fmt: skip

    assert (ended.ended, ended.detail) == ("output", "/output holds more bytes than allowed")


def test_only_regular_files_come_out(arena):
    ended = arena.run(
        r"""
        import os, socket
        os.mkdir("/output/case")
        open("/output/case/mask", "w").write("mask")
        os.link("/output/case/mask", "/output/hard")
        def quietly(act, *args):
            try: act(*args)
            except OSError: pass
        quietly(os.symlink, canary, "/output/link")
        quietly(os.symlink, "/", "/output/root")
        quietly(os.mkfifo, "/output/fifo")
        quietly(lambda: socket.socket(socket.AF_UNIX).bind("/output/socket"))
        quietly(os.mknod, "/output/device", 0o20666, os.makedev(1, 3))
        open("/output/line\nbreak", "w").close()
        open(b"/output/\xff", "w").close()
        open("/output/\x1b[31m", "w").close()
        os.makedirs("/output/" + "/".join("abcdefghijk"))
        """
    )

    assert ended.exit_code == 0, ended.log
    assert ended.files == {"case/mask", "hard"}
    assert (ended.output / "hard").stat().st_nlink == 1
    assert "not copied from /output" in ended.detail
    assert "\n" not in ended.detail


def test_first_process_cannot_be_killed_to_escape(arena):
    ended = arena.run(
        """
        import os, subprocess, time
        subprocess.Popen(["python", "-c", "import time; time.sleep(60)", marker],
                         start_new_session=True)
        os.kill(os.getppid(), 9)
        time.sleep(1)
        """
    )

    assert ended.ended in ("exited", "signalled")
    assert arena.survivors() == []


def test_flooding_log_does_not_outlast_the_clock(arena):
    ended = arena.run("while True: print('x' * 10_000)", time_s=1.0)

    assert ended.ended == "timeout"
    assert ended.wall_s < 30  # else it goes on for ever
    assert len(ended.log) <= 64 * 1024
