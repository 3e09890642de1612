"""A viewer without a browser: it speaks with a server of the pages over Streamlit's websocket as a browser does.

It remembers the figures that it was sent, reruns the fragments that poll, and moves number fields by their keys.
"""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

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
        self._timers: dict[str, asyncio.Task] = {}
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
        for task in (*self._tasks, *self._timers.values()):
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
        """Wait until no fragment asks for anything any more: then nothing is being computed for this page."""
        while self._timers:
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
            state.fragment_id, state.is_auto_rerun = fragment, True
        await self._connection.send(message.SerializeToString())

    async def _receive(self) -> None:
        async for data in self._connection:
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session" and not message.metadata.run.fragment_ids:
                self._script = message.new_session.page_script_hash
                self._stop_timers(list(self._timers))
            elif kind == "page_info_changed":  # the page has written its settings into the address
                self._query = message.page_info_changed.query_string
            elif kind == "auto_rerun":
                self._stop_timers([message.auto_rerun.fragment_id])
                tick = self._tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                self._timers[message.auto_rerun.fragment_id] = asyncio.create_task(tick)
            elif kind == "stop_auto_rerun":
                self._stop_timers(list(message.stop_auto_rerun.fragment_ids))
            elif kind == "delta" and message.delta.HasField("new_element"):
                if message.metadata.cacheable:
                    self._cached[message.hash] = message.delta.new_element
                self._read(message.delta.new_element)
            elif kind == "ref_hash":
                self._read(self._cached[message.ref_hash])
            elif kind == "script_finished":
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

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._ask(fragment)

    def _stop_timers(self, fragments: list[str]) -> None:
        for name in fragments:
            if name in self._timers:
                self._timers.pop(name).cancel()
