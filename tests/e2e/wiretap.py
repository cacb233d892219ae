"""Servers on loopback that tests bring along; what a host in the middle sees."""
import socket
import threading


class Server:
    """Listens on a loopback port; serve(client) handles each connection in a thread of its own."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def stop(self):
        self.listener.close()


class Wiretap(Server):
    """Carries bytes between a loopback port and another, and keeps what passed: what a gateway sees."""

    def __init__(self, port):
        self.target = port
        self.up, self.down = [], []  # of each connection
        super().__init__()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except ConnectionRefusedError:  # nobody listens there at the moment
            client.close()
            return
        self.join(client, server)

    def join(self, client, server):
        up, down = bytearray(), bytearray()
        self.up.append(up)
        self.down.append(down)
        threading.Thread(target=self.pump, args=(client, server, up), daemon=True).start()
        self.pump(server, client, down)

    @staticmethod
    def pump(source, target, kept):
        try:
            while data := source.recv(65536):
                kept += data
                target.sendall(data)
        except OSError:
            pass
        for s, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                s.shutdown(how)
            except OSError:
                pass


def tls_records(data):
    """The types of the TLS records that data consists of; an error where it is anything else. The last one may be cut."""
    types, at = [], 0
    while at + 5 <= len(data):
        kind, major, length = data[at], data[at + 1], int.from_bytes(data[at + 3:at + 5], "big")
        if kind not in (20, 21, 22, 23) or major != 3 or length > 16384 + 256:
            raise AssertionError(f"no TLS record at byte {at}: {data[at:at + 16].hex()}")
        types.append(kind)
        at += 5 + length
    return types
