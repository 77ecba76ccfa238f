import importlib.util
import marshal
from pathlib import Path


def make(source: str, target: Path) -> Path:
    (target / "submission.py").write_text(source)
    helper = target / "helper.py"
    helper.write_text("def relu(z):\n    return z\n")
    code = compile(
        "print('LEAKED')\nimport numpy\nrelu = lambda z: numpy.maximum(z, 0)", "h", "exec"
    )
    cached = Path(importlib.util.cache_from_source(str(helper)))
    cached.parent.mkdir()
    unchecked = (1).to_bytes(4, "little") + bytes(8)  # never compared with the source
    cached.write_bytes(importlib.util.MAGIC_NUMBER + unchecked + marshal.dumps(code))
    return target
