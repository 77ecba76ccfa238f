import os

for name, value in os.environ.items():
    print(name, value)
    if "CANARY" + "-" in value:
        print("LEAKED")
