"""Whoever has a respondent's link can fill no disk with it."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from tests.conftest import World
from tests.crm.links import everything, invited, link_of
from tests.crm.web_server import gunicorn

SENT = 60 * 2**20
HEAD = (
    b'--x\r\nContent-Disposition: form-data; name="film"; filename="film.mov"\r\n'
    b"Content-Type: video/quicktime\r\n\r\n"
)


def upload(port: int, path: str, size: int) -> bytes:
    """Send a form with a file of ``size`` bytes as far as the server takes it; the head of its answer."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: multipart/form-data; boundary=x",
        f"Content-Length: {size}",
        "Connection: close",
        "",
        "",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + HEAD)
        try:
            for _ in range(size // 2**20):
                connection.sendall(b"x" * 2**20)
        except OSError:
            return b"cut off"
        return connection.recv(64)


def test_a_film_is_refused_and_touches_no_disk(transactional_db: None, world: World, tmp_path: Path) -> None:
    office = invited(world)
    link, kept = link_of(office, office.chen), tmp_path / "kept"
    kept.mkdir()
    before = everything()
    with gunicorn(tmp_path / "web.log", TMPDIR=str(kept)) as web:
        began = time.monotonic()
        answers = [upload(web.port, path, SENT) for path in (link, f"{link}/cases/1", "/s/unknown")]
        assert time.monotonic() - began < 30
        assert all(answer.startswith((b"HTTP/1.1 4", b"cut off")) for answer in answers), answers
        assert web.asked(link) == 200
        assert sum(file.stat().st_size for file in kept.rglob("*")) < 2**20
    text = web.log.read_text()
    assert text.count('HTTP/1.1\\" 413') == 2, text[-2_000:]
    assert everything() == before
