"""Files where an installation keeps them elsewhere or has them scanned: an S3 server, a scanner that may be away."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from moto.server import ThreadedMotoServer

from onex.common import clamd, files
from onex.common.models import Attachment, ScanState
from onex.common.tests import papers
from onex.common.tests.test_files import NOON, downloaded, keep
from onex.common.text import Refused
from onex.config.env import environment
from onex.config.settings.files import storage

pytestmark = pytest.mark.django_db
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
INFECTED = papers.pdf(b"<<>>stream\n" + EICAR + b"\nendstream")


# --- S3


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, settings: Any) -> Any:
    asked = f"s3://onex-files?endpoint={s3}&prefix=exam"
    env = replace(environment(), storage=asked, s3_key="key", s3_secret="secret")
    settings.STORAGES = {**settings.STORAGES, "default": storage(env)}
    client = default_storage.connection.meta.client  # type: ignore[attr-defined]
    client.create_bucket(Bucket="onex-files")
    yield client
    for one in client.list_objects_v2(Bucket="onex-files").get("Contents", ()):
        client.delete_object(Bucket="onex-files", Key=one["Key"])


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_file_goes_to_the_bucket_comes_back_and_is_gone_when_removed(
    bucket: Any, is_sealed: bool, django_capture_on_commit_callbacks: Any
) -> None:
    kept = keep(papers.PDF, "情况说明（盖章）.pdf", sealed=is_sealed)
    key = f"exam/{kept.stored_name}"
    lying = bucket.get_object(Bucket="onex-files", Key=key)
    assert (lying["Body"].read() == papers.PDF) is not is_sealed
    assert (lying["ContentType"], lying["ContentDisposition"]) == ("application/octet-stream", "attachment")
    assert files.open_bytes(kept) == downloaded(kept) == papers.PDF
    response = files.respond(kept)
    shown = "material.pdf" if is_sealed else "%E6%83%85%E5%86%B5%E8%AF%B4%E6%98%8E"
    assert shown in response["Content-Disposition"]
    response.file_to_stream.close()  # the whole would end the request, and with it the connection
    with django_capture_on_commit_callbacks(execute=True):
        files.remove(kept)
    assert not default_storage.exists(kept.stored_name)
    assert "Contents" not in bucket.list_objects_v2(Bucket="onex-files")


def test_a_file_that_the_bucket_lost_is_said_to_be_gone(bucket: Any) -> None:
    kept = keep(papers.PDF, "说明.pdf")
    bucket.delete_object(Bucket="onex-files", Key=f"exam/{kept.stored_name}")
    with pytest.raises(Refused, match="缺失或已损坏"):
        files.respond(kept)


def test_a_bucket_that_does_not_answer_is_said_to_the_person_and_leaves_no_row(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"s3://onex-files?endpoint=http://127.0.0.1:{free.getsockname()[1]}"
    env = replace(environment(), storage=nobody, s3_key="key", s3_secret="secret")
    settings.STORAGES = {**settings.STORAGES, "default": storage(env)}
    with pytest.raises(Refused, match="存储暂时不可用"):
        keep(papers.PDF, "说明.pdf")
    assert not Attachment.objects.exists()


def test_files_lie_in_the_data_directory_unless_something_else_is_asked_for_rightly() -> None:
    assert storage(replace(environment(), storage=""))["BACKEND"].endswith("FileSystemStorage")
    for wrong in ("bucket", "s3://", "http://bucket"):
        with pytest.raises(SystemExit, match="ONEX_STORAGE"):
            storage(replace(environment(), storage=wrong))


# --- the virus scanner

Answer = Callable[[bytes], bytes | None]


def finds_eicar(body: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in body else b"stream: OK\0"


@contextmanager
def a_scanner(answer: Answer = finds_eicar, path: Path | None = None) -> Iterator[str]:
    """clamd as far as INSTREAM goes, on loopback or on a Unix socket; an answer of None means silence."""
    ended = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            body = b""
            while size := int.from_bytes(self.rfile.read(4), "big"):
                body += self.rfile.read(size)
            said = answer(body)
            if said is None:
                ended.wait(20)
            else:
                self.wfile.write(said)

    kind: Any = socketserver.ThreadingUnixStreamServer if path else socketserver.ThreadingTCPServer
    with kind(str(path) if path else ("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"unix:{path}" if path else f"127.0.0.1:{server.server_address[1]}"
        finally:
            ended.set()
            server.shutdown()
            thread.join(5)


@pytest.fixture
def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_the_scanner_is_asked_over_tcp_and_over_a_unix_socket(tmp_path: Path) -> None:
    for path in (None, tmp_path / "clamd.sock"):
        with a_scanner(path=path) as address:
            assert clamd.scan(address, papers.PDF * 2_000) == ""
            assert clamd.scan(address, INFECTED) == "Eicar-Test-Signature"
            assert clamd.scan(address, b"") == ""


@pytest.mark.parametrize(
    "said", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK but FOUND?\0", b"OK\0" * 900, b"\xff\xfe\0"]
)
def test_anything_but_a_verdict_is_no_verdict(said: bytes) -> None:
    with a_scanner(lambda _: said) as address, pytest.raises(clamd.Unreachable):
        clamd.scan(address, papers.PDF)


def test_a_scanner_that_is_away_silent_or_badly_named_is_unreachable(nobody: str) -> None:
    with a_scanner(lambda _: None) as silent:
        for address in (nobody, silent, "unix:/nowhere/clamd.sock", "no-port", "host:port"):
            with pytest.raises(clamd.Unreachable):
                clamd.scan(address, papers.PDF, seconds=0.3)


def test_a_scanner_that_dribbles_is_given_up_at_the_end_of_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def dribble() -> None:
            caller, _ = server.accept()
            with caller:
                for _ in range(40):
                    try:
                        caller.sendall(b"s")
                    except OSError:
                        return
                    time.sleep(0.05)

        thread = threading.Thread(target=dribble, daemon=True)
        thread.start()
        with pytest.raises(clamd.Unreachable, match=r"in time|timed out"):
            clamd.scan(f"127.0.0.1:{server.getsockname()[1]}", papers.PDF, seconds=0.4)
        thread.join(5)


def test_without_a_scanner_files_are_unscanned_and_served() -> None:
    kept = keep(papers.PDF, "说明.pdf")
    assert (kept.scan_state, kept.scanned_at) == (ScanState.UNSCANNED, None)
    assert downloaded(kept) == papers.PDF


def test_a_clean_file_is_served_and_an_infected_one_is_not(settings: Any) -> None:
    with a_scanner() as settings.CLAMD:
        clean, infected = keep(papers.PDF, "好.pdf", sealed=True), keep(INFECTED, "坏.pdf")
    assert clean.scan_state == ScanState.CLEAN
    assert clean.scanned_at is not None
    assert files.open_bytes(clean) == papers.PDF
    assert (infected.scan_state, infected.scan_note) == (ScanState.QUARANTINED, "Eicar-Test-Signature")
    for ask in (files.respond, files.open_bytes):
        with pytest.raises(Refused, match=r"“坏\.pdf”中发现病毒，已隔离.*重新上传"):
            ask(infected)


def test_a_file_waits_in_quarantine_until_the_sweep_has_it_scanned(settings: Any, nobody: str, capsys: Any) -> None:
    settings.CLAMD = nobody
    good, sealed, bad = keep(papers.PDF, "好.pdf"), keep(papers.PDF, "密.pdf", sealed=True), keep(INFECTED, "坏.pdf")
    for kept in (good, sealed, bad):
        with pytest.raises(Refused, match="还没有完成查毒"):
            files.respond(kept)
    assert len(files.scan_waiting(at=NOON).failed) == 1  # still away, asked once: they go on waiting
    with a_scanner() as settings.CLAMD:
        call_command("sweep")
        assert files.scan_waiting(at=NOON).done == 0
    for kept in (good, sealed, bad):
        kept.refresh_from_db()
    assert downloaded(good) == downloaded(sealed) == papers.PDF
    with pytest.raises(Refused, match="发现病毒"):
        files.respond(bad)


def test_what_came_before_there_was_a_scanner_is_scanned_and_stays_served_until_then(
    settings: Any, nobody: str
) -> None:
    good, bad = keep(papers.PDF, "好.pdf"), keep(INFECTED, "坏.pdf")
    settings.CLAMD = nobody
    files.scan_waiting(at=NOON)
    good.refresh_from_db()
    assert good.scan_state == ScanState.UNSCANNED
    with a_scanner() as settings.CLAMD:
        assert files.scan_waiting(at=NOON).done == 2
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.scan_state, bad.scan_state) == (ScanState.CLEAN, ScanState.QUARANTINED)
