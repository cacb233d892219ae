#!/usr/bin/python3
"""How long sound takes from a virtual session's sink to the laptop's, beside what the laptop's buffers and the network need.

  sound_delay.py --build BUILD                          over loopback
  sound_delay.py --build BUILD --delay 20 --rate 1.25   over a link (tests/support/linkem, root): ms one way, MB/s
Clicks, two a second; both sinks play to nobody, and are recorded in pieces of 5 ms. p50, p95, the longest, in ms.
"""
import argparse
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--delay", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--seconds", type=int, default=20)
    o = parser.parse_args()
    os.environ["FARSEAT_E2E_BUILD"] = os.path.abspath(o.build)
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
    from lab import Lab, wait_for
    from test_sound import RATE, FRAME_BYTES, Ear, Player, Recorder, delays_of, server_socket, tone

    with Lab("640x480") as lab:
        if o.delay or o.rate:
            link = lab.over_link()
            link(f"delay {o.delay}")
            link(f"rate {int(o.rate * 1e6)}")
        lab.init()
        lab.start_daemon("--virtual", "640x480", "--session", "exec sleep 3600")
        ear = Ear(lab)
        laptop = lab.enrolled()
        laptop.connect(environment=ear.environment)
        here, player = Recorder(lab, server_socket(lab), "farseat"), Player(lab)
        click = tone(0.01, 1000, 16000) + bytes(int(0.49 * RATE) * FRAME_BYTES)
        begun = time.monotonic()
        wait_for("sound at the laptop", lambda: player.play(click) or ear.loud_since(begun), pause_s=0)
        begun = time.monotonic()
        for _ in range(2 * o.seconds):
            player.play(click)
        wait_for("the last click", lambda: len(ear.clicks_since(begun)) >= 2 * o.seconds - 2, timeout_s=20)
        delays = sorted(d * 1000 for d in delays_of(here.clicks_since(begun), ear.clicks_since(begun)))
        print(f"{len(delays)} clicks: p50 {delays[len(delays) // 2]:.0f}, p95 {delays[len(delays) * 95 // 100]:.0f}, "
              f"longest {delays[-1]:.0f} ms")


if __name__ == "__main__":
    main()
