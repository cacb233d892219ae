"""The window on a laptop with Wayland, looked at by its compositor's screen."""
import contextlib
import subprocess
import unittest

from lab import PATIENCE_S, Lab, program
from sway import Sway


class WindowWayland(unittest.TestCase):
    def test_two_pixels_a_point(self):
        """on a screen with two pixels a point: the picture pixel for pixel, also after changes of parts of it"""
        with Lab("1280x960") as lab, contextlib.ExitStack() as stack:
            sway = Sway(lab.log, "1280x960", scale=2)
            stack.callback(sway.stop)
            canvas = lab.share()
            sway.window_of(lab, lab.enrolled())
            for picture in ("photo 1", "window 30 40", "window 31 50", "rects 20 1", "scroll 3", "rects 5 2", "photo 3"):
                canvas(picture)
                r = subprocess.run([program("xlook"), "same", lab.display.name, sway.name, str(PATIENCE_S * 1000)], capture_output=True, text=True)
                self.assertEqual(r.returncode, 0, f"{picture}: {r.stdout}{r.stderr}")


if __name__ == "__main__":
    unittest.main()
