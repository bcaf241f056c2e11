"""Jobs run while processes are killed: nothing is lost, stuck or doubled.

1. `plan` makes, from one seed, the faults: who is struck, how, after which pause. The same seed is
   the same plan; how far the jobs are at each fault is the machine's business.
2. `fleet` has the processes: one appliance on SQLite; an API, a scheduler and three workers on a
   Postgres of their own. Whoever is killed is started again at once.
3. `load` submits the jobs over HTTP, each under an `Idempotency-Key`, again and again until an
   answer arrives: from then on the job is promised.
4. Each attempt of a job calls the `recorder`, in the process of the test, when it starts and when
   it has done its work; the connection tells when its process is gone. Every mark goes to a file.
5. When the jobs are nearly through the faults end. What is left has a deadline.
6. With `--flows` the jobs are flows (`flows`), whose steps call the recorder.
7. `judge` compares the promises, the marks and the rows of the database.

`python -m tests.roles.kills --help` runs the long form.
"""
