"""Many cancellations, in every moment of a job's life, of jobs that do what they can to go on.

`python -m tests.roles.cancels --count 500` is the long form; the suite has one of seconds. Every
job has to be over, and nothing of it alive, soon after the cancellation was answered.
"""
