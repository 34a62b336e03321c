"""An answer that drips byte by byte ends, and one in many parts is read whole."""

import socket
import threading

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

from iamctl.aws import whole_answers
from iamctl.aws.whole_answers import LongAnswerError, SlowAnswerError, WholeAnswers


def served(parts, pause):
    """Return the address of a server that answers one request with ``parts``, with a pause before each."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection, server:
            connection.recv(65536)
            size = sum(map(len, parts))
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            try:
                for part in parts:
                    threading.Event().wait(pause)
                    connection.sendall(part)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}/"


def sent(url):
    return WholeAnswers(URLLib3Session(timeout=60)).send(AWSPreparedRequest("POST", url, {}, b"", stream_output=False))


def test_an_answer_in_parts_is_read_whole():
    assert sent(served([b"ab", b"c" * 100_000, b"d"], 0.01)).content == b"ab" + b"c" * 100_000 + b"d"


def test_fault_12_an_answer_that_drips_ends(monkeypatch):
    monkeypatch.setattr(whole_answers, "WHOLE_ANSWER_SECONDS", 0.3)

    with pytest.raises(SlowAnswerError, match="did not end within"):
        sent(served([b"x"] * 1000, 0.05))


def test_fault_12_an_answer_that_is_longer_than_any_of_aws_is_not_kept(monkeypatch):
    monkeypatch.setattr(whole_answers, "MAX_ANSWER_BYTES", 200_000)
    assert len(sent(served([b"x" * 100_000] * 2, 0)).content) == 200_000

    with pytest.raises(LongAnswerError, match="is larger than"):
        sent(served([b"x" * 100_000] * 3, 0))
