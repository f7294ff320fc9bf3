import io

from pytest_energy.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_words_take_the_place_of_those_before_and_are_gone_at_the_end(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    with Progress(stream) as progress:
        progress.say("one")
        progress.say("two\x1b" + "x" * 50)
    assert stream.getvalue() == "\r\x1b[Kone\r\x1b[Ktwo\\x1b" + "x" * 12 + "\r\x1b[K"


def test_what_is_no_terminal_gets_nothing():
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.say("one")
    assert stream.getvalue() == ""


def test_a_terminal_that_went_away_ends_nothing():
    stream = Terminal()
    with Progress(stream) as progress:
        stream.close()
        progress.say("one")
