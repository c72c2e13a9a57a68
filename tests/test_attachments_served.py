"""Attachments through the real server: bodies of any length leave its memory flat, and a kill loses nothing acknowledged."""

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from tanxun.site.start import web_server
from tests.attaching import PDF
from tests.benchmarks.sites import Side, signed_in, wait_for
from tests.effort import examples
from tests.running import ROOT, RunningSite, free_port
from tests.working import until

MEGABYTE = 1024 * 1024
MARK = "----attachments"
KILLS, WRITERS = examples(2, 5), 3
MAKE = "from certifications.models import Company; print(Company.objects.create(name='被附企业').pk)"
HELD = """import json; from tanxun.records.models import Attachment
print(json.dumps([one.note for one in Attachment.objects.all() if one.file.path.stat().st_size == one.file.size]))"""


@pytest.fixture
def site(tmp_path, transactional_db, blank):
    with RunningSite(tmp_path / "site", "--no-sample", like=blank) as running:
        yield running


@pytest.fixture
def side(site):
    side = Side("site", site.port, site.process.pid)
    side.cookies = signed_in(side, "admin", site.accounts["admin"])
    return side


@pytest.fixture
def address(site):
    return f"/companies/{site.manage('shell', '-v', '0', '-c', MAKE).stdout.strip()}/attachments/"


def form(side, note=""):
    """What stands before the bytes of the file, and after them."""
    fields = {"csrfmiddlewaretoken": side.cookies["csrftoken"], "note": note, "audience": "staff"}
    head = "".join(f'--{MARK}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    head += f'--{MARK}\r\nContent-Disposition: form-data; name="files"; filename="scan.pdf"\r\n\r\n'
    return head.encode(), f"\r\n--{MARK}--\r\n".encode()


def headers_of(side, **more):
    cookies = "; ".join(f"{name}={value}" for name, value in side.cookies.items())
    kind = f"multipart/form-data; boundary={MARK}"
    return {"Cookie": f"{cookies}; django_language=en", "Content-Type": kind, "Referer": f"http://127.0.0.1:{side.port}/"} | more


def send(side, address, blocks, **more):
    """Status and text of the answer, and how much of the body was taken before it came."""
    connection, sent = http.client.HTTPConnection("127.0.0.1", side.port, timeout=120), 0
    connection.putrequest("POST", address)
    for name, value in headers_of(side, **more).items():
        connection.putheader(name, value)
    connection.endheaders()
    with suppress(OSError):  # it may answer and close while we still send
        for block in blocks:
            connection.send(block)
            sent += len(block)
    try:
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), sent
    finally:
        connection.close()


def sized(side, length, note=""):
    """A PDF of that length in a form, and the length of the whole."""
    head, tail = form(side, note)
    start = PDF + os.urandom(8).hex().encode()

    def blocks():
        yield head + start
        left = length - len(start)
        while left > 0:
            yield b"%" * min(left, 256 * 1024)
            left -= 256 * 1024
        yield tail

    return blocks(), len(head) + length + len(tail)


def files(tmp_path):
    return [path for path in (tmp_path / "site" / "media").rglob("*") if path.is_file()]


@pytest.mark.any_engine
def test_a_body_of_any_length_leaves_the_memory_flat(side, address, tmp_path):
    """UPL-03 (CWE-400): at the limit, far over it, longer than is read at all, and without a length or an end."""
    blocks, length = sized(side, MEGABYTE)
    assert send(side, address, blocks, **{"Content-Length": str(length)})[0] == http.client.FOUND
    before = side.memory()
    blocks, length = sized(side, 20 * MEGABYTE)
    assert send(side, address, blocks, **{"Content-Length": str(length)})[0] == http.client.FOUND
    blocks, length = sized(side, 150 * MEGABYTE)
    status, text, _sent = send(side, address, blocks, **{"Content-Length": str(length)})
    assert status == http.client.REQUEST_ENTITY_TOO_LARGE
    assert "larger than 20 MB" in text
    status, _text, _sent = send(side, address, [], **{"Content-Length": str(10**12)})
    assert status == http.client.REQUEST_ENTITY_TOO_LARGE
    assert endless(side, address) == http.client.REQUEST_ENTITY_TOO_LARGE
    assert len(files(tmp_path)) == 2
    assert (side.grown(before) or 0) < 30  # none where there is no /proc


def endless(side, address):
    """The status for a body in chunks that goes on until it is answered, 300 MB at most."""
    head, _tail = form(side)
    block = head + PDF + b"%" * MEGABYTE
    chunk = f"{len(block):x}\r\n".encode() + block + b"\r\n"
    status, _text, _sent = send(side, address, (chunk for _number in range(300)), **{"Transfer-Encoding": "chunked"})
    return status


@pytest.mark.any_engine
def test_the_same_scan_sent_by_many_at_once_is_one_file_and_one_link_a_record(site, side, address):
    """UPL-08: six at the same moment, three for each of two companies."""
    other = f"/companies/{site.manage('shell', '-v', '0', '-c', MAKE).stdout.strip()}/attachments/"
    head, tail = form(side)
    body = head + PDF + b"%" * MEGABYTE + tail
    together, statuses = threading.Barrier(6), []

    def click(to):
        together.wait()
        statuses.append(send(side, to, [body], **{"Content-Length": str(len(body))})[0])

    clicks = [threading.Thread(target=click, args=[to]) for to in (address, other) * 3]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(statuses) == [http.client.FOUND] * 2 + [http.client.UNPROCESSABLE_ENTITY] * 4
    counted = site.manage("shell", "-v", "0", "-c", COUNTED).stdout.split()
    assert counted == ["2", "1", "1"]


COUNTED = """from tanxun.records.attachments import keeping; from tanxun.records.models import Attachment, StoredFile
print(Attachment.objects.count(), StoredFile.objects.count(), len(list(keeping.files())))"""


class Sender(threading.Thread):
    """Attaches files until told to stop; `acknowledged` are the notes of those that the site said it has."""

    def __init__(self, side, address, stop):
        super().__init__()
        self.side, self.address, self.stop, self.acknowledged, self.tried = side, address, stop, [], 0

    def run(self):
        while not self.stop.is_set():
            note = os.urandom(8).hex()
            blocks, length = sized(self.side, 300_000, note)
            self.tried += 1
            try:
                status, _text, _sent = send(self.side, self.address, blocks, **{"Content-Length": str(length)})
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if status == http.client.FOUND:
                self.acknowledged.append(note)


def serving(site, port):
    process = subprocess.Popen(web_server("127.0.0.1", port), cwd=ROOT, env=site.environment, start_new_session=True)
    wait_for(Side("killed", port, process.pid))
    return process


def kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_while_files_come_in_no_acknowledged_one_is_lost(site, address):
    """UPL-05, OPS-01: SIGKILL again and again; never a row without its whole file."""
    side = Side("killed", free_port(), 0)
    process, stop = serving(site, side.port), threading.Event()
    side.cookies = signed_in(side, "admin", site.accounts["admin"])
    senders = [Sender(side, address, stop) for _number in range(WRITERS)]
    for sender in senders:
        sender.start()
    try:
        for _turn in range(KILLS):
            before = sum(len(sender.acknowledged) for sender in senders)
            until(lambda before=before: sum(len(sender.acknowledged) for sender in senders) > before + WRITERS, 60)
            kill(process)
            process = serving(site, side.port)
    finally:
        stop.set()
        for sender in senders:
            sender.join()
        kill(process)
    acknowledged = {note for sender in senders for note in sender.acknowledged}
    held = json.loads(site.manage("shell", "-v", "0", "-c", HELD).stdout)
    assert acknowledged <= set(held)
    assert len(acknowledged) >= KILLS * WRITERS
    told = site.manage("check_data", "--lang", "en")
    assert re.search(r"^Attachments: sound$", told.stdout, re.M), told.stderr
