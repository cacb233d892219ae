#!/usr/bin/python3
"""The same as gtk_clipboard.py beside it, by Qt."""
import sys

from PyQt5.QtCore import QByteArray, QMimeData, QSocketNotifier
from PyQt5.QtWidgets import QApplication, QPlainTextEdit


def read(path):
    with open(path, "rb") as f:
        return f.read()


def copy(targets):
    data = QMimeData()
    for target, path in targets.items():
        if target == "text":
            data.setText(read(path).decode())
        else:
            data.setData(target, QByteArray(read(path)))
    QApplication.clipboard().setMimeData(data)
    return "done"


def paste(target, path):
    data = QApplication.clipboard().mimeData()
    content = data.text().encode() if target == "text" else bytes(data.data(target))
    if not content:
        return "nothing"
    with open(path, "wb") as f:
        f.write(content)
    return "done"


def obey():
    words = sys.stdin.readline().split()
    if not words:
        QApplication.quit()
        return
    print(copy(dict(zip(words[1::2], words[2::2]))) if words[0] == "copy" else paste(*words[1:]), flush=True)


def main():
    application = QApplication(sys.argv)
    window = QPlainTextEdit()
    window.setWindowTitle("qt")
    window.resize(200, 100)
    window.show()
    orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Read)
    orders.activated.connect(obey)
    print("done", flush=True)
    application.exec_()


main()
