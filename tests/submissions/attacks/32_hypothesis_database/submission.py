import glob
import os

home = os.path.expanduser("~")
for place in (".", home, "@ROOT@", "@HOME@"):
    for path in glob.glob(f"{place}/.hypothesis/**/*", recursive=True):
        print("LEAKED", path)
