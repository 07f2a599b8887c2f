"""A mail server that keeps what it is given."""

import socketserver
import threading
from email import message_from_bytes, policy


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 catcher")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 go on")
                self.server.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say("250 kept")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Catcher(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine while used as a context."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails = []
        self._arrived = threading.Semaphore(0)

    @property
    def port(self):
        return self.server_address[1]

    def keep(self, source):
        self.mails.append(message_from_bytes(source, policy=policy.default))
        self._arrived.release()

    def wait(self, seconds):
        """Say whether a mail arrives within ``seconds``."""
        return self._arrived.acquire(timeout=seconds)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.shutdown()
        self.server_close()
