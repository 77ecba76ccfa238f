import os

for path in ("@ROOT@/assignments/assignment4/solution.py", "@SECRET@"):
    try:
        with open(path) as file:
            print("LEAKED", file.read(2000))
    except OSError as error:
        print(type(error).__name__)
for folder, _, files in os.walk("/grader"):
    for name in files:
        if name in ("solution.py", "checks.py", "reference.py"):
            print("LEAKED", folder, name)
