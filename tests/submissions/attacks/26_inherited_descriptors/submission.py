import os
import stat

for number in range(256):
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            os.lseek(number, 0, os.SEEK_SET)
            print("LEAKED", os.read(number, 100))
    except OSError:
        pass
