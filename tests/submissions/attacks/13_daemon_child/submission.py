import os
import time


def leave_a_child():
    try:
        if os.fork():
            return
    except OSError:
        return
    os.setsid()
    while True:
        with open("@MARKER@", "a") as file:
            file.write("LEAKED")
        time.sleep(0.05)


leave_a_child()
