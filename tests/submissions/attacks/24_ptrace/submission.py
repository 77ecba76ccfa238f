import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16
for number in (os.getppid(), 1):
    if libc.ptrace(PTRACE_ATTACH, number, None, None) == 0:
        print("LEAKED: attached to", number)
local = (ctypes.c_char * 8)()
if libc.process_vm_readv(1, local, 1, local, 1, 0) >= 0:
    print("LEAKED: read the memory of another process")
