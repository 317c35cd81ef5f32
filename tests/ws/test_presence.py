"""Who hears that somebody has come, or has gone."""

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT, hear, message, offline, online, say, users
from tests.ws.conftest import REFUSED
from winnow.transports import Refused

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # servers differ in frames, not in this
LIVE = pytest.mark.transports("live-sansio")


@pytest.fixture(scope="module")
def settings():
    """Two users."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"})


def test_the_first_is_alone(connect):
    """A newcomer hears who is online, which is themself, and not that they have come."""
    with connect(CHAT, token="ada-token") as ada:
        say(ada, "anybody?")

        assert [hear(ada), hear(ada)] == [users("ada"), message("ada", "anybody?")]


def test_a_newcomer_is_announced(connect):
    """Whoever is there hears who has come, and the newcomer hears who was there."""
    with connect(CHAT, token="bob-token") as bob:
        assert hear(bob) == users("bob")
        with connect(CHAT, token="ada-token") as ada:
            assert hear(ada) == users("ada", "bob")
            say(ada, "hello")

            assert [hear(bob), hear(bob)] == [online("ada"), message("ada", "hello")]
            assert hear(ada) == message("ada", "hello")


def test_whoever_leaves_is_announced(connect):
    """Those who stay hear who has gone, and the next newcomer does not hear of them."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token"):
            pass
        say(ada, "bye")
        with connect(CHAT, token="ada-token") as tab:
            heard = [hear(ada) for _ in range(4)]

            assert heard == [users("ada"), online("bob"), offline("bob"), message("ada", "bye")]
            assert hear(tab) == users("ada")


def test_a_second_tab_is_no_news(connect):
    """One user with two connections comes once, and goes once."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token"), connect(CHAT, token="bob-token") as second:
            assert hear(second) == users("ada", "bob")
        say(ada, "who was that?")

        heard = [hear(ada) for _ in range(4)]
        assert heard == [users("ada"), online("bob"), offline("bob"), message("ada", "who was that?")]


def test_a_tab_that_stays_keeps_its_user_online(connect):
    """Of two tabs one is closed: nobody hears of it, and the other one goes on."""
    with connect(CHAT, token="ada-token") as ada, connect(CHAT, token="bob-token") as stays:
        with connect(CHAT, token="bob-token"):
            pass
        say(stays, "still here")

        assert [hear(ada) for _ in range(3)] == [users("ada"), online("bob"), message("bob", "still here")]


def test_coming_back_is_news(connect):
    """A user who goes and comes again is announced each time."""
    with connect(CHAT, token="ada-token") as ada:
        for _ in range(2):
            with connect(CHAT, token="bob-token"):
                pass

        heard = [hear(ada) for _ in range(5)]
        assert heard == [users("ada"), online("bob"), offline("bob"), online("bob"), offline("bob")]


@LIVE
def test_a_cut_line_is_announced(connect):
    """Who vanishes without a word has gone as well."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token") as bob:
            hear(bob)
            bob.abort()

        assert [hear(ada) for _ in range(3)] == [users("ada"), online("bob"), offline("bob")]


def test_a_frame_that_is_no_text_ends_only_its_own_connection(connect):
    """The others hear that its sender has gone, and nothing else happens to them."""
    with connect(CHAT, token="ada-token") as ada:
        with connect(CHAT, token="bob-token") as bob:
            bob.send(b"\x00")
        say(ada, "and now?")

        heard = [hear(ada) for _ in range(4)]
        assert heard == [users("ada"), online("bob"), offline("bob"), message("ada", "and now?")]


def test_strangers_hear_nothing(connect, app, transport):
    """Without a known token nobody gets in, and nobody is told of the attempt."""
    with connect(CHAT, token="ada-token") as ada:
        with pytest.raises(Refused) as refused, connect(CHAT, token="stranger"):
            pass
        say(ada, "quiet here")

        assert [hear(ada), hear(ada)] == [users("ada"), message("ada", "quiet here")]
        assert (refused.value.status, refused.value.code) == REFUSED[transport]


def test_everybody_is_forgotten(connect, app):
    """When all have left, the next one is alone."""
    with connect(CHAT, token="ada-token"), connect(CHAT, token="bob-token"):
        pass

    with connect(CHAT, token="bob-token") as bob:
        assert hear(bob) == users("bob")
    assert app.state.manager.count() == 0
