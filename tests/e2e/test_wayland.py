"""A workstation whose session is a Wayland compositor's of the wlroots family: what other files ask of X11, asked of sway."""
import unittest

import test_picture
from sway import Sway


class SwayPicture(test_picture.Picture):
    kind = Sway
    test_terminal = None  # an X11 program


if __name__ == "__main__":
    unittest.main()
