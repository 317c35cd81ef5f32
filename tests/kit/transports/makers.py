"""Applications, and functions that create one, as a project may name them."""

from functools import lru_cache, partial


async def app(scope, receive, send):
    """An application."""


def make(debug=False):
    return app


async def later():
    return app


def wrapped(*arguments, **keywords):
    """A maker behind a decorator that hides what it takes."""
    return make()


class Application:
    async def __call__(self, scope, receive, send):
        await app(scope, receive, send)


class Factory:
    made = staticmethod(make)

    @classmethod
    def of(cls):
        return app

    def __call__(self):
        return app


async def with_more(more, scope, receive, send):
    """An application that takes more."""


def none():
    return None


def raises():
    raise KeyError("SHOP_KEY")


cached = lru_cache(make)
bound = partial(make, debug=True)
instance, called = Application(), Factory()
partly = partial(with_more, "more")
text = "no application"
