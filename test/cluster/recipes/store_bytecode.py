# Appended to a program: stores the byte code of all that it has loaded, which saves each container
# seconds at its start, as it could not store byte code itself.
import py_compile
import sys

for module in list(sys.modules.values()):
    source = getattr(module, "__file__", None)
    if source and source.endswith(".py"):
        # Not checked against the source's time, which packing sets to zero.
        py_compile.compile(
            source, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
