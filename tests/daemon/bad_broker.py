#!/usr/bin/env python3
"""A broker of MQTT 5 and 3.1.1 that misbehaves on command.

bad_broker.py PORT MODE_FILE LOG: the first word in MODE_FILE is read before each answer:
  good      answers as it should
  silent    accepts connections and says nothing
  drop      closes each connection once its CONNECT is there
  old       speaks MQTT 3.1.1 only
  close-old the same, and closes the connection of whoever speaks another
  late      confirms after two seconds
  never     confirms nothing
  full      refuses publications: quota exceeded
LOG gets one line a publication that was confirmed or not: "mode topic payload".
"""
import asyncio
import sys

PORT, MODE_FILE, LOG = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], 'a', buffering=1)


def mode():
    try:
        return open(MODE_FILE).read().split()[0]
    except (OSError, IndexError):
        return 'good'


def number(value):
    out = bytearray()
    while True:
        byte, value = value % 128, value // 128
        out.append(byte | (128 if value else 0))
        if not value:
            return bytes(out)


def packet(kind, body):
    return bytes([kind]) + number(len(body)) + body


async def read_packet(reader):
    kind = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            break
    return kind, await reader.readexactly(length)


def take_number(body, at):
    value = shift = 0
    while True:
        value |= (body[at] & 127) << shift
        shift += 7
        at += 1
        if not body[at - 1] & 128:
            return value, at


class Session:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.version = reader, writer, 4

    def send(self, kind, body):
        if not self.writer.is_closing():
            self.writer.write(packet(kind, body))

    def greet(self, body):
        self.version = body[6]
        now = mode()
        if now in ('old', 'close-old') and self.version != 4:
            if now == 'old':
                self.send(0x20, bytes([0, 1]))
            return False
        self.send(0x20, bytes([0, 0, 0]) if self.version == 5 else bytes([0, 0]))
        return True

    async def confirm(self, identifier, now):
        if now == 'late':
            await asyncio.sleep(2)
        if now == 'full' and self.version == 5:
            self.send(0x40, identifier + bytes([0x97, 0]))
        elif now not in ('never', 'full'):
            self.send(0x40, identifier)

    def publish(self, kind, body):
        length = int.from_bytes(body[:2], 'big')
        topic, at, identifier = body[2:2 + length], 2 + length, None
        if kind & 6:
            identifier, at = body[at:at + 2], at + 2
        if self.version == 5:
            properties, at = take_number(body, at)
            at += properties
        now = mode()
        LOG.write('%s %s %s\n' % (now, topic.decode(), body[at:].decode()))
        if identifier:
            asyncio.ensure_future(self.confirm(identifier, now))

    def answer(self, kind, body):
        """False: the connection ends."""
        kind_only = kind & 0xf0
        if kind_only == 0x10:
            return mode() != 'drop' and self.greet(body)
        if kind_only == 0x30:
            self.publish(kind, body)
        elif kind_only == 0x80:
            self.send(0x90, body[:2] + (b'\0\1' if self.version == 5 else b'\1'))
        elif kind_only == 0xc0:
            self.send(0xd0, b'')
        return kind_only != 0xe0

    async def run(self):
        try:
            while True:
                kind, body = await read_packet(self.reader)
                while mode() == 'silent':
                    await asyncio.sleep(0.1)
                if not self.answer(kind, body):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.writer.close()


async def main():
    server = await asyncio.start_server(lambda r, w: Session(r, w).run(), '127.0.0.1', PORT)
    async with server:
        await server.serve_forever()


asyncio.run(main())
