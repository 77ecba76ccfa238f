import os

for number in {os.getppid(), *range(1, 3000)}:
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{number}/{name}", "rb") as file:
                data = file.read()
        except OSError:
            continue
        if b"CANARY-" in data:
            print("LEAKED", data)
    try:
        print("LEAKED", os.listdir(f"/proc/{os.getppid()}/fd"))
    except OSError:
        pass
