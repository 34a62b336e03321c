"""A GitHub on loopback that keeps comments and issues."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from serving import serving

REPOSITORY = "example/iam"
TOKEN = "token-of-the-job"
BOT = "github-actions[bot]"


class Github:
    def __init__(self, url):
        self.url = url
        self.comments = []
        self.issues = []
        self.asked = []
        self.refuses = 0
        """The status that writes get, 0 for what they should."""

    def entry(self, kind, data, author):
        entries = getattr(self, kind)
        made = {"id": 1000 + len(entries), "number": 1 + len(entries), "user": {"login": author}, "state": "open"}
        entries.append({**made, **data})
        return entries[-1]


@contextmanager
def fake_github():
    """Yield a GitHub on a port of 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.github = Github(f"http://127.0.0.1:{server.server_port}")
    with server, serving(server):
        yield server.github


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        page, size = int(asked["page"][0]), int(asked["per_page"][0])
        entries = self.github.comments if "/comments" in self.path else self.github.issues
        shown = [entry for entry in entries if entry["state"] == "open"]
        self.answer(200, shown[(page - 1) * size : page * size])

    def do_POST(self):
        kind = "comments" if re.fullmatch(f"/repos/{REPOSITORY}/issues/7/comments", self.path) else "issues"
        assert kind == "comments" or self.path == f"/repos/{REPOSITORY}/issues", self.path
        self.write(lambda data: self.github.entry(kind, data, BOT))

    def do_PATCH(self):
        kind, key = ("comments", "id") if "/comments/" in self.path else ("issues", "number")
        wanted = int(self.path.rsplit("/", 1)[1])
        (entry,) = [entry for entry in getattr(self.github, kind) if entry[key] == wanted]
        self.write(lambda data: entry.update(data) or entry)

    def write(self, act):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.github.refuses:
            self.answer(self.github.refuses, {"message": "no"})
        else:
            self.answer(200, act(data))

    def answer(self, status, data):
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        self.github.asked.append((self.command, self.path))
        content = json.dumps(data).encode()
        self.send_response(status)
        if status in {301, 302, 307}:
            self.send_header("Location", f"{self.github.url}/elsewhere?page=1&per_page=1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @property
    def github(self):
        return self.server.github

    def log_message(self, *_):
        pass
