"""Real HTTP servers on loopback for the tests of what goes out and what is fetched."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`with Receiver(answer) as one:` serves at `one.url`; `answer(request)` gives (status, headers, body) or None where it wrote
    by itself; `one.requests` is (method, path, headers, body) of everything that came."""

    def __init__(self, answer=lambda request: (200, {}, b"ok"), address="127.0.0.1", tls=None):
        self.requests = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.requests.append((self.command, self.path, dict(self.headers), body))
                self.sent = body
                try:
                    said = answer(self)
                    if said is not None:
                        self.reply(*said)
                except OSError:  # whoever asked is gone
                    self.close_connection = True

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, text in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = respond

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if tls else ''}://{address}:{self.port}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()


def trickle(request, head=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"x", pause=0.2, times=100):
    """An answer that never ends by itself, a piece at a time."""
    request.wfile.write(head)
    for _time in range(times):
        request.wfile.write(piece)
        request.wfile.flush()
        time.sleep(pause)
