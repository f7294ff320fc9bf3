"""One GET against a server of this machine that answers well, wrongly, too much, too late or not at all."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pytest_energy.errors import LiveError
from pytest_energy.grid.web import LARGEST, HttpWeb

ANSWERS = {
    "/good": (200, b'{"carbonIntensity": 31}'),
    "/html": (200, b"<html><body>Sign in to this network</body></html>"),
    "/empty": (200, b""),
    "/binary": (200, b"\xff\xfe\x00"),
    "/deep": (200, b"[" * 200_000),
    "/huge": (200, b" " * (LARGEST + 1)),
    "/denied": (401, b'{"error": "Invalid auth-token"}'),
    "/forbidden": (403, b"{}"),
    "/busy": (429, b"{}"),
    "/broken": (500, b"oops"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        if self.path == "/slow":
            self.server.released.wait(30)
        if self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            while not self.server.released.wait(0.02):
                self.wfile.write(b" ")
                self.wfile.flush()
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/good")
            self.end_headers()
            return
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"{")
            return
        code, body = ANSWERS.get(self.path, (404, b"{}"))
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """A server whose clients may hang up on it."""

    def handle_error(self, *_):
        pass


@pytest.fixture
def server():
    served = Server(("127.0.0.1", 0), Handler)
    served.seen, served.released = [], threading.Event()
    served.url = f"http://127.0.0.1:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.released.set()
    served.shutdown()
    thread.join()
    served.server_close()


def test_an_answer_is_json_and_headers_are_sent(server):
    assert HttpWeb().get(f"{server.url}/good", {"auth-token": "secret"}) == {"carbonIntensity": 31}
    ((path, headers),) = server.seen
    assert (path, headers["Auth-Token"]) == ("/good", "secret")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/html", "did not answer in JSON but '<html><body>Sign in"),
        ("/empty", "did not answer in JSON but ''"),
        ("/binary", "did not answer in JSON"),
        ("/deep", "did not answer in JSON"),
        ("/huge", "answered more than 1,000,000 bytes"),
        ("/denied", "answered HTTP 401: it does not accept the key"),
        ("/forbidden", "answered HTTP 403: the key may not ask for this"),
        ("/nowhere", "answered HTTP 404: it does not know this place"),
        ("/busy", "answered HTTP 429: it was asked too often"),
        ("/broken", "answered HTTP 500"),
        ("/elsewhere", "answered HTTP 302"),
        ("/cut", "did not answer in JSON but '{'"),
    ],
)
def test_what_is_no_answer_is_an_error_that_says_so(server, path, said):
    with pytest.raises(LiveError) as caught:
        HttpWeb().get(server.url + path, {"auth-token": "secret"})
    assert str(caught.value).startswith(server.url + path)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_redirection_is_not_followed_for_it_would_carry_the_key_away(server):
    with pytest.raises(LiveError):
        HttpWeb().get(f"{server.url}/elsewhere", {"auth-token": "secret"})
    assert [path for path, _ in server.seen] == ["/elsewhere"]


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_patience_ends_for_the_whole_answer_and_not_for_each_packet(server, path):
    with pytest.raises(LiveError, match=r"did not answer within 0\.3 s"):
        HttpWeb(timeout_s=0.3).get(server.url + path, {})


def test_a_server_that_is_down_cannot_be_reached(server):
    server.shutdown()
    server.server_close()
    with pytest.raises(LiveError, match=r"cannot be reached: .*refused"):
        HttpWeb().get(f"{server.url}/good", {})


@pytest.mark.parametrize("url", ["http://example.org/x", "file:///etc/passwd", "ftp://localhost/x", "no"])
def test_keys_do_not_travel_in_the_open(url):
    with pytest.raises(LiveError, match="https only"):
        HttpWeb().get(url, {"auth-token": "secret"})


@pytest.mark.parametrize("key", ["two\nlines", "snow\N{SNOWMAN}"])
def test_a_key_that_no_header_may_hold_is_refused_unseen(server, key):
    with pytest.raises(LiveError) as caught:
        HttpWeb().get(f"{server.url}/good", {"auth-token": key})
    assert "characters that no header may hold" in str(caught.value)
    assert key not in str(caught.value)
