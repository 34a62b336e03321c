"""A server in a thread, which ends as soon as it is asked to."""

import threading
from contextlib import contextmanager


@contextmanager
def serving(server):
    """Serve requests while the context is open; by default, a server looks every half second whether it should end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
