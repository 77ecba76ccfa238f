import glob

for path in glob.glob("@OTHERS@/**/*.py", recursive=True):
    print("LEAKED", path)
    try:
        with open(path) as file:
            print(file.read())
    except OSError:
        pass
