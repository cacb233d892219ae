#!/usr/bin/python3
"""A GTK program that copies and pastes by order (tests/e2e/desktop.py); runs in the root file system of desktop.sh.

  copy TARGET FILE [TARGET FILE]...   owns the clipboard with these; alone, "text" is what Gtk.Clipboard.set_text() makes of it
  paste TARGET FILE                   writes what it gets
Each line is answered by "done" or "nothing".
"""
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

CLIPBOARD = Gdk.SELECTION_CLIPBOARD
TEXT = ("UTF8_STRING", "text/plain;charset=utf-8", "text/plain")
WAYLAND = "Wayland" in Gdk.Display.get_default().__gtype__.name
owned = {}
pressed = 0  # keys so far


def read(path):
    with open(path, "rb") as f:
        return f.read()


def give(_widget, data, _number, _time):
    data.set(data.get_target(), 8, owned[data.get_target().name()])


def on_key(_widget, _event):
    global pressed
    pressed += 1


def wait_for_key():
    """Compositors take a copy only from who was pressed a key or button after the newest copy, as a person's Ctrl+C is."""
    before = pressed
    while pressed == before:
        Gtk.main_iteration()


def copy(widget, targets):
    if WAYLAND:
        wait_for_key()
    if list(targets) == ["text"]:
        Gtk.Clipboard.get(CLIPBOARD).set_text(read(targets["text"]).decode(), -1)
        return "done"
    owned.clear()
    for target, path in targets.items():
        owned.update({name: read(path) for name in (TEXT if target == "text" else (target,))})
    Gtk.selection_clear_targets(widget, CLIPBOARD)
    for target in owned:
        Gtk.selection_add_target(widget, CLIPBOARD, Gdk.Atom.intern(target, False), 0)
    return "done" if Gtk.selection_owner_set(widget, CLIPBOARD, Gdk.CURRENT_TIME) else "nothing"


def paste(target, path):
    clipboard = Gtk.Clipboard.get(CLIPBOARD)
    if target == "text":
        text = clipboard.wait_for_text()
        content = None if text is None else text.encode()
    else:
        data = clipboard.wait_for_contents(Gdk.Atom.intern(target, False))
        content = data.get_data() if data else None
    if not content:
        return "nothing"
    with open(path, "wb") as f:
        f.write(content)
    return "done"


def obey(_source, _condition, widget):
    words = sys.stdin.readline().split()
    if not words:
        Gtk.main_quit()
        return False
    answer = copy(widget, dict(zip(words[1::2], words[2::2]))) if words[0] == "copy" else paste(*words[1:])
    print(answer, flush=True)
    return True


def main():
    window = Gtk.Window(title="gtk")
    window.set_default_size(200, 100)
    window.add(Gtk.TextView())
    window.connect("selection-get", give)
    window.connect("key-press-event", on_key)
    window.show_all()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, obey, window)
    print("done", flush=True)
    Gtk.main()


main()
