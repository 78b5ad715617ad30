"""A client of the live connection in another language: what the page /docs/protocol says, seen from outside.

Only the standard library is used, so that it runs wherever there is a Python:

    ADA=token BEN=token python3 live.py 127.0.0.1:8080 cht_…

Ada and Ben are the members of the chat, which has no messages yet. It ends with 0 when all is as documented.
"""

import base64
import hashlib
import json
import os
import socket
import struct
import sys

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
# What may come between any two frames, since others come, go and are told of things.
BETWEEN = ("presence", "notification")


class Closed(Exception):
    """The server closed the connection, with this code."""


class WebSocket:
    """The client's side of RFC 6455, as far as text goes."""

    def __init__(self, address, path, protocol):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
        )
        status = self.stream.readline()
        assert status.startswith(b"HTTP/1.1 101"), status
        lines = iter(lambda: self.stream.readline().decode().strip(), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert headers["sec-websocket-accept"] == base64.b64encode(digest).decode(), headers
        assert headers["sec-websocket-protocol"] == protocol, headers

    def write(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def exactly(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise Closed(1006)
        return data

    def frame(self):
        """The next frame: whether it is the last of its message, its opcode and its payload."""
        first, second = self.exactly(2)
        assert not second & 0x80, "a server masks nothing"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.exactly(8))
        return bool(first & 0x80), first & 0x0F, self.exactly(length)

    def read(self):
        """The next message; pings are answered, and a close is confirmed before it is raised."""
        message = b""
        while True:
            is_last, opcode, payload = self.frame()
            if opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                self.write(CLOSE, payload[:2])
                raise Closed(code)
            if opcode == PING:
                self.write(PONG, payload)
            elif opcode == PONG:
                return opcode, payload
            else:
                message += payload
                if is_last:
                    return TEXT, message

    def close(self, code=1000):
        """Says goodbye and waits for the same word from the other side."""
        self.write(CLOSE, struct.pack("!H", code))
        try:
            while True:
                self.read()
        except Closed as closed:
            return closed.args[0]
        finally:
            self.socket.close()


class Live:
    """A live connection, authenticated by its first frame."""

    def __init__(self, address, token):
        self.socket = WebSocket(address, "/api/ws", "campuszon.v1")
        self.numbers = []
        self.say(type="auth", token=token)
        self.ready = self.hear("ready")
        fields = {"type", "user_id", "session_id", "epoch", "since", "server_time", "heartbeat_ms", "limits"}
        assert set(self.ready) == fields, self.ready
        self.numbers.clear()

    def say(self, **frame):
        self.socket.write(TEXT, json.dumps(frame).encode())

    def next(self):
        """The next frame but heartbeats, which are answered; the numbers of durable ones are kept."""
        while True:
            opcode, payload = self.socket.read()
            assert opcode == TEXT, opcode
            frame = json.loads(payload)
            if frame["type"] == "ping":
                self.say(type="pong")
                continue
            if "since" in frame and frame["type"] != "resumed":
                self.numbers.append(frame["since"])
            return frame

    def hear(self, kind):
        """The next frame that counts, which is of this type."""
        while (frame := self.next())["type"] in BETWEEN and kind not in BETWEEN:
            pass
        assert frame["type"] == kind, f"{kind} expected: {frame}"
        return frame

    def hear_both(self, one, other):
        """Two frames that come in any order."""
        frames = {}
        while len(frames) < 2:
            frame = self.next()
            if frame["type"] not in BETWEEN:
                assert frame["type"] in (one, other) and frame["type"] not in frames, frame
                frames[frame["type"]] = frame
        return frames[one], frames[other]

    def greet(self):
        """With its first frame a client says that it does not resume: events flow at once."""
        self.say(type="ping", ref="hello")
        assert self.hear("pong") == {"type": "pong", "ref": "hello"}


def talk(ada, ben, chat):
    send = {"type": "send", "ref": {"n": 1}, "chat_id": chat, "client_id": "python-1", "body": "Is it still there? 🙂"}
    ben.say(**send)
    sent, own = ben.hear_both("sent", "message")
    message = sent["message"]
    assert sent == {"type": "sent", "ref": {"n": 1}, "message": message}, sent
    assert own["message"] == message and set(own) == {"type", "message", "since"}, own
    expected = {"chat_id": chat, "seq": 1, "client_id": "python-1", "sender_id": ben.ready["user_id"], "kind": "text"}
    assert expected.items() <= message.items(), message
    assert message["body"] == send["body"] and message["edited_at"] is None and message["deleted_at"] is None, message
    assert ada.hear("message")["message"] == message
    # Once more is the same once.
    ben.say(**send)
    assert ben.hear("sent")["message"] == message

    ada.say(type="typing", chat_id=chat, on=True)
    typing = {"type": "typing", "chat_id": chat, "user_id": ada.ready["user_id"], "on": True}
    assert ben.hear("typing") == typing
    ada.say(type="read", ref="r", chat_id=chat, seq=1)
    # The reader's other connections learn of it too, as does this one.
    ok, _ = ada.hear_both("ok", "receipt")
    assert ok == {"type": "ok", "ref": "r"}, ok
    receipt = ben.hear("receipt")
    assert set(receipt) == {"type", "chat_id", "user_id", "seq", "since"}, receipt
    assert (receipt["chat_id"], receipt["user_id"], receipt["seq"]) == (chat, ada.ready["user_id"], 1), receipt


def resume(address, token, before, last, chat, missed):
    """Comes back, and hears what was said meanwhile: whole, in order, once."""
    ada = Live(address, token)
    assert ada.ready["epoch"] == before.ready["epoch"] and ada.ready["since"] > last, ada.ready
    ada.say(type="resume", ref="again", since=last, epoch=ada.ready["epoch"])
    bodies = [ada.hear("message")["message"]["body"] for _ in missed]
    assert bodies == missed, bodies
    resumed = ada.hear("resumed")
    assert resumed == {"type": "resumed", "ref": "again", "since": ada.numbers[-1]}, resumed
    assert ada.numbers == list(range(last + 1, last + 1 + len(ada.numbers))), (last, ada.numbers)
    assert resumed["since"] >= ada.ready["since"], resumed
    ada.say(type="resume", since=last, epoch="another")
    assert ada.hear("reset") == {"type": "reset", "scope": "all"}
    return ada


def refusals(ada, address):
    ada.say(type="dance", ref=7)
    error = ada.hear("error")
    assert (error["ref"], error["code"]) == (7, "unknown_type") and error["detail"], error
    # The heartbeat of the WebSocket protocol itself is answered below the frames.
    ada.socket.write(PING, b"are you there")
    while (answer := ada.socket.read())[0] != PONG:
        pass
    assert answer == (PONG, b"are you there"), answer
    try:
        Live(address, "nonsense")
    except Closed as closed:
        assert closed.args == (4401,), closed.args
    else:
        raise AssertionError("a bad token was taken")


def main(address, chat):
    ada, ben = Live(address, os.environ["ADA"]), Live(address, os.environ["BEN"])
    ada.greet()
    ben.greet()
    talk(ada, ben, chat)
    last = ada.numbers[-1]
    assert ada.socket.close() == 1000
    missed = ["At noon?", "At the library."]
    for number, body in enumerate(missed):
        ben.say(type="send", chat_id=chat, client_id=f"missed-{number}", body=body)
        sent, _ = ben.hear_both("sent", "message")
        assert "ref" not in sent, sent
    again = resume(address, os.environ["ADA"], ada, last, chat, missed)
    refusals(again, address)
    assert again.socket.close() == 1000 and ben.socket.close() == 1000
    print("as documented")


if __name__ == "__main__":
    main(*sys.argv[1:])
