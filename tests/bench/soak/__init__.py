"""A day in miniature: everything that users do, at once, for a while, and what the processes need.

`load` are the users: they run and wait, list, cancel, schedule, write long logs, listen to streams
and vanish. `watch` looks at memory, open files and processor time of each process. `run` puts both
to a fleet of processes and tells what was wrong: an answer 5xx, a wrong result, an error in a log,
a file that stays open.

`python -m tests.bench.soak --minutes 20` is the long form; the suite has one of seconds.
"""
