# Tests of informer/ and runtime/
