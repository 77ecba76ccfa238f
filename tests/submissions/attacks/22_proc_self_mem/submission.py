try:
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(word, 16) for word in line.split()[0].split("-"))
            if line.split()[1].startswith("r") and end < 1 << 47:
                try:
                    memory.seek(start)
                    data = memory.read(min(end - start, 1 << 20))
                except OSError:
                    continue
                if bytes(reversed(b"-YRANAC")) in data:
                    print("LEAKED")
except OSError as error:
    print(type(error).__name__)
