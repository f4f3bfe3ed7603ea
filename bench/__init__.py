# Benchmarks: what Drift promises about chance, time and memory, measured by commands that anybody can run.
# Owns: nothing; each file is a command of its own. Refuses to know: tests.
