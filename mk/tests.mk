# tests.mk - what is tested, with what, and how; `make check` is all that CI runs.
