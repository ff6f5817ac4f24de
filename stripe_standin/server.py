"""Runs the stand-in under uvicorn, with the one thing ASGI lacks: a way to cut a connection."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from stripe_standin.settings import Settings
from stripe_standin.state import Standin
from stripe_standin.web import build


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that shows the application its transport, so that a fault rule can drop it."""

    def on_headers_complete(self) -> None:
        """Put the transport into the scope before the application is started."""
        self.scope["standin.transport"] = self.transport  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()


def server(standin: Standin) -> uvicorn.Server:
    """Return a server for a stand-in, not yet started."""
    config = uvicorn.Config(
        build(standin), host=standin.settings.host, port=standin.settings.port, http=Protocol, ws="none",
        lifespan="off", access_log=False, log_level="warning", server_header=False, timeout_graceful_shutdown=1,
        # Clients keep a connection between requests. One that is closed just as the next is sent looks like a fault.
        timeout_keep_alive=75,
    )  # fmt: skip
    return uvicorn.Server(config)


async def serve(standin: Standin, running: uvicorn.Server, sock: socket.socket) -> None:
    """Answer requests, send webhooks and let time pass, until the server is told to stop."""
    work = asyncio.create_task(standin.mailer.run())
    try:
        await running.serve(sockets=[sock])
    finally:
        work.cancel()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, so that a taken port is known before anything is said."""
    # The protocol must be named: asyncio sends small answers at once only on sockets that say TCP.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(512)
    return sock


def run(settings: Settings, ready: Callable[[Settings], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once connections are taken. Raises OSError: port taken."""
    sock = listen(settings.host, settings.port)
    settings = replace(settings, port=sock.getsockname()[1])
    standin = Standin.open(settings)
    try:
        ready(settings)
        asyncio.run(serve(standin, server(standin), sock))
    finally:
        standin.store.close()
