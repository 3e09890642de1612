"""A viewer without a browser: it speaks with a server of the pages over Streamlit's websocket as a browser does.

It remembers the figures that it was sent, reruns the fragments whose progress bars have news, and moves number
fields by their keys.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from landscapes.views.worker import progress

PICTURE = re.compile(rb'\{"id": "(\w+)", "name": "stage (?:picture|home)"')
MAX_MESSAGE_BYTES = 64 * 2**20


class Viewer:
    """One tab at an address such as "/explore?lesson=ravine"; use it as an asynchronous context.

    Attributes:
        pictures: the identifiers of the figures that arrived, each when it came first, as {id: time}.
        errors: what the page showed in place of a picture, and exceptions.
        numbers: the number fields on the page, as {key: (id, value)}.
    """

    def __init__(self, server: str, address: str):
        self._server = server.replace("http", "ws", 1)
        parts = urlsplit(address)
        self._page, self._query = parts.path.strip("/"), parts.query
        self._connection: ClientConnection
        self._tasks: list[asyncio.Task] = []
        self._bars: dict[str, tuple[str, asyncio.Task]] = {}  # by fragment: what its bar asks, and its asking
        self._drawn: set[str] = set()  # the fragments whose bar has come in this run
        self._running: list[str] = []  # the fragments of this run; none in a run of the whole page
        self._cached: dict[str, Element] = {}
        self._widgets: dict[str, float] = {}
        self._script = ""
        self._finished = asyncio.Event()
        self._arrived = asyncio.Event()
        self.pictures: dict[str, float] = {}
        self.errors: list[str] = []
        self.numbers: dict[str, tuple[str, float]] = {}

    async def __aenter__(self) -> Viewer:
        address = f"{self._server}/_stcore/stream"
        self._connection = await connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=60,
            ping_interval=None,
        )
        self._tasks.append(asyncio.create_task(self._receive()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_bars(list(self._bars))
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    async def rerun(self) -> float:
        """Run the script as a changed widget does; the seconds to its end."""
        start = time.monotonic()
        self._finished.clear()
        await self._ask()
        await self._finished.wait()
        return time.monotonic() - start

    async def turn(self, key: str, value: float) -> None:
        """Move a number field to another value, without waiting."""
        self._widgets[self.numbers[key][0]] = value
        await self._ask()

    async def picture_since(self, start: float, known: frozenset[str] = frozenset()) -> float:
        """Wait for a figure that is not among the known ones; the seconds from `start` to it."""
        while True:
            times = [when for name, when in self.pictures.items() if name not in known]
            if times:
                return min(times) - start
            self._arrived.clear()
            await self._arrived.wait()

    async def settled(self) -> None:
        """Wait until no bar asks for anything any more: then nothing is being computed for this page."""
        while self._bars:
            await asyncio.sleep(0.1)

    async def _ask(self, fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self._query, self._script
        state.page_name = "" if self._script else self._page
        state.context_info.timezone, state.context_info.locale = "UTC", "en-US"
        state.context_info.url = f"{self._server.replace('ws', 'http', 1)}/{self._page}"
        state.context_info.color_scheme = "light"
        state.cached_message_hashes.extend(self._cached)
        for name, value in self._widgets.items():
            widget = state.widget_states.widgets.add()
            widget.id, widget.double_value = name, value
        if fragment:
            state.fragment_id = fragment
        await self._connection.send(message.SerializeToString())

    async def _receive(self) -> None:
        async for data in self._connection:
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._running, self._drawn = list(message.metadata.run.fragment_ids), set()
                if not self._running:
                    self._script = message.new_session.page_script_hash
            elif kind == "page_info_changed":  # the page has written its settings into the address
                self._query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.HasField("new_element"):
                self._follow(message.delta)
                if message.metadata.cacheable:
                    self._cached[message.hash] = message.delta.new_element
                self._read(message.delta.new_element)
            elif kind == "ref_hash":
                self._read(self._cached[message.ref_hash])
            elif kind == "script_finished":
                self._stop_bars([each for each in self._running or list(self._bars) if each not in self._drawn])
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._finished.set()
            elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
                self.errors.append(message.session_event.script_compilation_exception.message)

    def _read(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and (result := PICTURE.match(element.bidi_component.bytes)):
            self.pictures.setdefault(result[1].decode(), time.monotonic())
            self._arrived.set()
        elif kind == "number_input":
            field = element.number_input
            value = field.value if field.set_value else field.default
            self.numbers[field.id.rpartition("-")[2]] = field.id, value
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert":
            self.errors.append(element.alert.body)

    def _follow(self, delta: Delta) -> None:
        """Let a progress bar ask for news, as it does in a browser."""
        element, fragment = delta.new_element, delta.fragment_id
        if element.bidi_component.component_name != progress.NAME:
            return
        path = json.loads(element.bidi_component.json)["follow"]
        self._drawn.add(fragment)
        if self._bars.get(fragment, ("", None))[0] != path:
            self._stop_bars([fragment])
            self._bars[fragment] = path, asyncio.create_task(self._wait_for_news(fragment, path))

    async def _wait_for_news(self, fragment: str, path: str) -> None:
        while True:
            if (await self._get(path))["isNew"]:
                await self._ask(fragment)
                await asyncio.sleep(1.0)

    async def _get(self, path: str) -> dict[str, Any]:
        """The JSON at a path of the server."""
        server = urlsplit(self._server)
        reader, writer = await asyncio.open_connection(server.hostname, server.port)
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {server.netloc}\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    def _stop_bars(self, fragments: list[str]) -> None:
        for name in fragments:
            if name in self._bars:
                self._bars.pop(name)[1].cancel()
