#!/usr/bin/python3
"""One stream by OpenSSL with the cipher that Farseat prefers, of zeros that nobody stores: what TLS gives on a link (files_rate.py).

  tls_stream.py listen ADDRESS PORT CERTIFICATE KEY take|give BYTES     prints "ready"
  tls_stream.py connect ADDRESS PORT take|give BYTES                    until the last byte has arrived
"""
import socket
import ssl
import sys

CIPHER = "ECDHE-ECDSA-CHACHA20-POLY1305"
PART = 16000  # a record, as Farseat's


def transfer(stream, what, count):
    part = bytearray(PART)
    if what == "give":
        for at in range(0, count, PART):
            stream.sendall(memoryview(part)[:min(PART, count - at)])
        stream.recv(1)
        return
    while count > 0:
        got = stream.recv_into(part)
        if got == 0:
            raise OSError("the stream ended early")
        count -= got
    stream.sendall(b"!")


def context(kind):
    c = ssl.SSLContext(kind)
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    c.set_ciphers(CIPHER)
    return c


def listen(address, port, certificate, key, what, count):
    c = context(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(certificate, key)
    with socket.create_server((address, port)) as listener:
        print("ready", flush=True)
        with c.wrap_socket(listener.accept()[0], server_side=True) as stream:
            transfer(stream, what, count)


def connect(address, port, what, count):
    c = context(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    with socket.create_connection((address, port)) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with c.wrap_socket(plain) as stream:
            transfer(stream, what, count)


def main():
    if sys.argv[1] == "listen":
        address, port, certificate, key, what, count = sys.argv[2:]
        listen(address, int(port), certificate, key, what, int(count))
    else:
        address, port, what, count = sys.argv[2:]
        connect(address, int(port), what, int(count))


main()
