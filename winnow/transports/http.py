"""An HTTP client in this process, for an application whose event loop runs in another thread."""

import asyncio

import httpx2

from winnow.transports.app_host import Address, Stage


def client(stage: Stage, address: Address, base_url: str, timeout: float) -> httpx2.Client:
    """Return a client of the current application; each request may take ``timeout`` seconds."""
    return httpx2.Client(transport=_OnStage(stage, address, timeout), base_url=base_url, timeout=timeout)


class _OnStage(httpx2.BaseTransport):
    """Sends requests to the stage's event loop, and waits for whole responses."""

    def __init__(self, stage: Stage, address: Address, timeout: float) -> None:
        self._stage = stage
        self._timeout = timeout
        self._asgi = httpx2.ASGITransport(app=stage, raise_app_exceptions=False, client=address)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response; raise httpx2.ReadTimeout if it is not complete in time."""
        request.read()
        answer = asyncio.run_coroutine_threadsafe(self._answer(request), self._stage.loop)
        try:
            return answer.result(self._timeout)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no response within {self._timeout:g} s", request=request) from None

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._asgi.handle_async_request(request)
        content = await response.aread()
        return httpx2.Response(
            response.status_code, headers=response.headers, stream=httpx2.ByteStream(content)
        )
