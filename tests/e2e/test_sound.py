"""Sound: what plays in the session is heard at the laptop, soon, and nothing is sent while nothing plays. Both ends have a PulseAudio of
their own with a sink that plays to nobody."""
import array
import math
import os
import re
import shutil
import subprocess
import threading
import time
import unittest

from lab import Lab, children_of, end, kill9, name_of, wait_for, within

RATE = 48000
FRAME_BYTES = 4
LOUD = 1000


def tone(seconds, hertz=440, level=8000):
    """Frames of two channels, 16 bits."""
    out = array.array("h")
    for i in range(int(seconds * RATE)):
        value = int(level * math.sin(2 * math.pi * hertz * i / RATE))
        out.extend((value, value))
    return out.tobytes()


class Recorder:
    """What a sink plays: the loudest of each 5 ms, with the time it came."""

    def __init__(self, lab, socket, sink):
        self.process = subprocess.Popen(
            ["parec", "--raw", f"--server=unix:{socket}", f"--device={sink}.monitor", "--rate=48000", "--channels=2", "--format=s16le",
             "--latency-msec=5"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=lab.log, bufsize=0)
        lab.cleanup.callback(lambda: end(self.process))
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            piece = self.process.stdout.read(240 * FRAME_BYTES)
            if not piece:
                return
            samples = array.array("h", piece[:len(piece) // FRAME_BYTES * FRAME_BYTES])
            self.heard.append((time.monotonic(), max(map(abs, samples), default=0)))

    def loud_since(self, when):
        return [t for t, peak in list(self.heard) if t >= when and peak >= LOUD]

    def clicks_since(self, when):
        """When each began: what is loud after 200 ms that were not."""
        clicks = []
        last = 0.0
        for t in self.loud_since(when):
            if t - last > 0.2:
                clicks.append(t)
            last = t
        return clicks


class Ear(Recorder):
    """A laptop's sound server, which plays to nobody, and what is heard there."""

    def __init__(self, lab):
        self.socket = os.path.join(lab.folder, "ear")
        self.log = lab.log
        self.server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-level=error",
             "-L", f"module-native-protocol-unix auth-cookie-enabled=0 socket={self.socket}", "-L", "module-null-sink sink_name=ear rate=48000"],
            env={**os.environ, "HOME": lab.folder, "XDG_RUNTIME_DIR": lab.folder}, stdin=subprocess.DEVNULL, stdout=lab.log, stderr=lab.log)
        lab.cleanup.callback(lambda: end(self.server))
        wait_for("a sound server for the laptop", lambda: os.path.exists(self.socket))
        super().__init__(lab, self.socket, "ear")

    @property
    def environment(self):
        return {"PULSE_SERVER": f"unix:{self.socket}", "SDL_AUDIODRIVER": "pulseaudio"}

    def pactl(self, *arguments):
        return subprocess.run(["pactl", "-s", f"unix:{self.socket}", *arguments], capture_output=True, text=True, timeout=10).stdout

    def streams(self):
        """How many programs play at the laptop."""
        return len(self.pactl("list", "short", "sink-inputs").splitlines())


def server_socket(lab):
    path = os.path.join(lab.server_home, "run", "sound")
    wait_for("the session's sound server", lambda: os.path.exists(path))
    return path


class Player:
    """A program of the session that plays."""

    def __init__(self, lab):
        self.process = subprocess.Popen(
            ["pacat", "--raw", f"--server=unix:{server_socket(lab)}", "--rate=48000", "--channels=2", "--format=s16le", "--latency-msec=20"],
            stdin=subprocess.PIPE, stdout=lab.log, stderr=lab.log, bufsize=0)
        lab.cleanup.callback(self.stop)

    def play(self, frames):
        self.process.stdin.write(frames)

    def stop(self):
        if self.process:
            self.process.stdin.close()
            end(self.process)
        self.process = None


def delays_of(here, there):
    """Of clicks that were heard at both places: seconds from the one to the other."""
    return [later[0] for later in ([x - t for x in there if 0 < x - t < 0.4] for t in here) if later]


def cpu_ticks(pid):
    """Hundredths of a second that it has worked."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@unittest.skipUnless(shutil.which("pulseaudio") and shutil.which("pacat"), "PulseAudio is not installed")
class Sound(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab("640x480")
        cls.addClassCleanup(cls.lab.__exit__, None, None, None)
        cls.lab.init()
        cls.lab.start_daemon("--virtual", "640x480", "--session", "exec sleep 3600")
        cls.ear = Ear(cls.lab)
        cls.laptop = cls.lab.enrolled()
        cls.laptop.connect(environment={**cls.ear.environment, "FARSEAT_LOG": "debug"})

    def sound_pid(self):
        return next((p for p in children_of(self.lab.daemon.pid) if name_of(p) == "farseat-sound"), None)

    def hear(self):
        """Plays until it is heard."""
        player, begun, piece = Player(self.lab), time.monotonic(), tone(0.1)
        try:
            wait_for("sound at the laptop", lambda: player.play(piece) or self.ear.loud_since(begun), pause_s=0)
        finally:
            player.stop()

    def test_delay(self):
        """clicks of the session come to the laptop within 60 ms of the session's own sink"""
        here = Recorder(self.lab, server_socket(self.lab), "farseat")
        player = Player(self.lab)
        click = tone(0.01, 1000, 16000) + bytes(int(0.49 * RATE) * FRAME_BYTES)

        def measure():
            begun = time.monotonic()
            for _ in range(9):
                player.play(click)
            wait_for("clicks at the laptop", lambda: len(self.ear.clicks_since(begun)) >= 8)
            delays = sorted(delays_of(here.clicks_since(begun), self.ear.clicks_since(begun)))
            self.assertGreaterEqual(len(delays), 5)
            return delays[len(delays) // 2] * 1000

        self.hear()  # the first stream opens the laptop's device
        within(60, measure)
        player.stop()

    def test_no_gap(self):
        """three seconds of a tone reach the laptop's player without a gap"""
        def gaps():
            with open(self.lab.log_path, encoding="utf-8", errors="replace") as f:
                return [int(n) for n in re.findall(r"sound: [0-9.]+ ms wait, (\d+) gaps", f.read())]

        def measure():
            before = gaps()
            player, begun = Player(self.lab), time.monotonic()
            player.play(tone(3))
            wait_for("most of it", lambda: len(self.ear.loud_since(begun)) > 500)
            player.stop()
            after = wait_for("its end", lambda: (lambda now: now if len(now) > len(before) else None)(gaps()))
            return after[-1] - (before[-1] if before else 0)

        self.hear()
        within(0, measure)

    def test_silence(self):
        """where nothing plays, nothing works: no device is open at the laptop, nothing is recorded in the session"""
        self.hear()
        wait_for("the laptop's device closes", lambda: self.ear.streams() == 0)
        pid = self.sound_pid()

        def ticks():
            before, begun = cpu_ticks(pid), time.monotonic()
            wait_for("two quiet seconds", lambda: time.monotonic() - begun > 2)
            return cpu_ticks(pid) - before

        within(1, ticks)
        self.hear()

    def test_killed(self):
        """farseat-sound that is killed comes back by itself"""
        self.hear()
        pid = self.sound_pid()
        kill9(pid)
        wait_for("another farseat-sound", lambda: self.sound_pid() not in (None, pid))
        self.hear()

    def test_device_goes(self):
        """a laptop whose sink goes away, and comes back as another one, is heard there"""
        self.hear()
        module = self.ear.pactl("load-module", "module-null-sink", "sink_name=other", "rate=48000").strip()
        self.ear.pactl("set-default-sink", "other")
        other = Recorder(self.lab, self.ear.socket, "other")
        player, piece, begun = Player(self.lab), tone(0.1), time.monotonic()
        wait_for("sound at the new sink", lambda: player.play(piece) or other.loud_since(begun), pause_s=0)
        self.ear.pactl("unload-module", module)
        begun = time.monotonic()
        wait_for("sound at the old one", lambda: player.play(piece) or self.ear.loud_since(begun), pause_s=0)
        player.stop()

    def test_rights(self):
        """a laptop whose right to hear is taken away hears nothing more; without sound no farseat-sound runs"""
        self.hear()
        self.lab.ctl("caps", "--", "laptop", "-sound")
        wait_for("no farseat-sound", lambda: self.sound_pid() is None)
        self.lab.ctl("caps", "--", "laptop", "+sound")
        wait_for("farseat-sound again", self.sound_pid)
        self.hear()


if __name__ == "__main__":
    unittest.main()
