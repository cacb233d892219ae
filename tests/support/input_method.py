#!/usr/bin/python3
"""Stands in for ibus on a bus of its own: a backslash begins a word, a space ends it and commits the character that it names.

  input_method.py FOLDER DISPLAY

FOLDER becomes XDG_CONFIG_HOME: the bus's address stands below it where clients of ibus look for it. Says "ready", then each place on the
screen that it is told as the caret's. Speaks what SDL's client of ibus speaks, and no more. Python of the system: it has the bindings of D-Bus.
"""
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

CHARACTERS = {"\\alpha": "α", "\\beta": "β"}
RELEASE = 1 << 30  # of the modifiers: the key goes up
CONTEXT = "org.freedesktop.IBus.InputContext"


class Context(dbus.service.Object):
    word = ""

    @dbus.service.signal(CONTEXT, signature="v")
    def CommitText(self, text):
        pass

    @dbus.service.method(CONTEXT, in_signature="uuu", out_signature="b")
    def ProcessKeyEvent(self, keysym, _keycode, modifiers):
        if modifiers & RELEASE or not self.word and keysym != ord("\\"):
            return False
        if keysym == ord(" "):
            attributes = dbus.Struct(("IBusAttrList", dbus.Dictionary({}, "sv"), dbus.Array([], "v")), variant_level=1)
            self.CommitText(dbus.Struct(("IBusText", dbus.Dictionary({}, "sv"), CHARACTERS.get(self.word, self.word), attributes), variant_level=1))
            self.word = ""
        elif keysym < 0x80:
            self.word += chr(keysym)
        return True

    @dbus.service.method(CONTEXT, in_signature="iiii")
    def SetCursorLocation(self, x, y, _width, _height):
        print("caret", x, y, flush=True)

    @dbus.service.method(CONTEXT, in_signature="u")
    def SetCapabilities(self, _capabilities):
        pass

    @dbus.service.method(CONTEXT)
    def FocusIn(self):
        pass

    @dbus.service.method(CONTEXT)
    def FocusOut(self):
        pass

    @dbus.service.method(CONTEXT)
    def Reset(self):
        self.word = ""


class Service(dbus.service.Object):
    @dbus.service.method("org.freedesktop.IBus", in_signature="s", out_signature="o")
    def CreateInputContext(self, _name):
        return dbus.ObjectPath("/org/freedesktop/IBus/InputContext_1")


def main():
    folder, display = sys.argv[1:]
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    name = dbus.service.BusName("org.freedesktop.IBus", bus)
    services = Service(bus, "/org/freedesktop/IBus"), Context(bus, "/org/freedesktop/IBus/InputContext_1")
    with open("/etc/machine-id", encoding="ascii") as f:
        machine = f.read().strip()
    os.makedirs(os.path.join(folder, "ibus", "bus"))
    with open(os.path.join(folder, "ibus", "bus", f"{machine}-unix-{display.lstrip(':')}"), "w", encoding="ascii") as f:
        f.write(f"IBUS_ADDRESS={os.environ['DBUS_SESSION_BUS_ADDRESS']}\nIBUS_DAEMON_PID={os.getpid()}\n")
    print("ready", flush=True)
    GLib.MainLoop().run()
    del name, services


main()
