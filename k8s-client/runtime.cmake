# informer/ and runtime/
