"""Every ceiling in one file. What happens at each is said beside it."""

from __future__ import annotations

# Requests: above these the request is refused with 413, or 400 where it is a single field.
BODY_BYTES_MAX = 20 * 1024 * 1024
ARGS_BYTES_MAX = 10 * 1024 * 1024
CODE_BYTES_MAX = 1024 * 1024
SCHEMA_BYTES_MAX = 512 * 1024
TEXT_CHARS_MAX = 20_000  # descriptions
LINE_CHARS_MAX = 1_000  # summaries, labels, reasons
PATH_CHARS_MAX = 255
OPEN_FILES_MAX = 65_536  # of a server; a connection is one. The system may allow less
REQUESTS_WAITING_MAX = 2_048  # that wait for their turn; more are told 503
REQUEST_WAIT_S = 7.0  # for so long at most, then 503
HEADER_BYTES_MAX = 16 * 1024
PAGE_SIZE_MAX = 1_000  # clamped, not refused
PAGE_SIZE_DEFAULT = 30
PAGE_DEPTH_MAX = 10_000  # jobs before a page; a deeper one is refused: `created_before` goes on
RUNS_LOOKED_MAX = 20_000  # rows one list of jobs looks at; then it says how far it came
RUNS_LOOKS_MAX = 20  # for a page whose jobs have all completed since they were found
RUNS_BELOW_MAX = 2_000  # runs below a path that are sorted; more are looked for by their age

# Jobs.
RESULT_BYTES_MAX = 10 * 1024 * 1024  # above: the job fails with ResultTooLarge
RESULT_BYTES_SHOWN = 90_000  # above: job reads say "WINDMILL_TOO_BIG", get_result gives all
COUNTED_S_MAX = 366 * 24 * 3600  # back, in counts of what completed lately
COUNTED_LATE_US = 24 * 3600 * 1_000_000  # what was created earlier before that is not counted
LOG_CHARS_SHOWN = 20_000  # job reads give the log's tail
LOG_BYTES_MAX = 10 * 1024 * 1024  # above: the middle is dropped and the log says how much
LOG_ATTEMPT_BYTES = 64 * 1024  # of any further attempt is kept, also when the cap is used up
LOG_CHUNK_BYTES = 64 * 1024  # a batch is written when it is this big...
LOG_FLUSH_S = 0.25  # ...or this old
LOG_BATCH_BYTES_MAX = 1024 * 1024  # one write takes no more, however much waits
STREAM_FLUSH_S = 0.1  # pieces of a streamed result that come within it are stored together
STREAM_CHARS_MAX = 2_000_000  # of them are stored and shown; the rest is in the result alone
PROGRESS_MAX = 99  # of a job that is not over; more, and less than 0, is cut
JOB_TIMEOUT_S_DEFAULT = 15 * 60  # a job without a timeout of its own
JOB_TIMEOUT_S_MAX = 7 * 24 * 3600
JOB_ATTEMPTS_DEFAULT = 3  # starts of one job when its worker is lost
RETRY_ATTEMPTS_MAX = 1_000  # tries after the first, of either kind
RETRY_MULTIPLIER_MAX = 1_000_000  # of an exponential pause
RETRY_PAUSE_S_MAX = 6 * 3600  # longer pauses are cut
REASON_CHARS_MAX = 300  # of a failure, where the log names it
JOB_MEMORY_BYTES = 2 * 1024**3
JOB_PROCESSES = 256
DEDICATED_MAX = 32  # processes that a worker keeps; above, runs have cells of their own
DEDICATED_STAY_S = 10.0  # without runs, before it makes room for another one
DEDICATED_IDLE_S = 300.0  # without runs a process is kept so long
GROUPS_MAX = 500  # of a workspace
GROUP_MEMBERS_MAX = 1_000  # of a group, and owners likewise
PLACES_MAX = 40  # that a run may connect to, where they are listed
JOB_FILE_BYTES = 1024**3
JOB_TMP_BYTES = 256 * 1024**2
JOB_OPEN_FILES = 1024
CANCEL_BATCH = 500  # jobs of one tree that end in one transaction
CANCEL_TREES = 20  # that a sweep goes on with
ATTEMPTS_SHOWN = 200  # of one job, the newest
LABELS_MAX = 20  # of one run; more are dropped
FLOW_TREE_MAX = 1_000  # jobs of a run that are told at once; more are left out, and that is told
FLOW_LOGS_CHARS = 5_000_000  # of all their logs
RESULT_PREFIX_MAX = 5_000  # characters of each of their results
HUB_S = 10.0  # for which one script of a hub is waited
HUB_BYTES = 4 * 1024**2  # of what a hub answers
HUB_TURNS = 2  # scripts that are fetched from a hub at once
COME_DUE_LOOK_S = 0.25  # at most so often a worker without a free slot looks for them
INTAKE_ARGS_MAX = 16 * 1024  # characters of arguments; a job with more does not enter in a group
ANSWERS_KEPT_MAX = 256  # reads of what is asked for again and again, where nothing changes
INTAKE_GROUP_MAX = 200  # jobs that enter the queue in one statement
COME_DUE_BATCH = 500  # delayed jobs that become ready with one claim
IDEMPOTENCY_KEY_CHARS_MAX = 255
IDEMPOTENCY_S = 24 * 3600  # how long, at least, a request may be sent again under its key
PRIORITY_MAX = 100
DEBOUNCE_S_MAX = 24 * 3600
DEBOUNCE_COUNT_MAX = 1_000_000
DEBOUNCE_ARGS_MAX = 20  # lists that go on growing
CACHE_TTL_S_MAX = 31 * 24 * 3600
DELETE_AFTER_S_MAX = 366 * 24 * 3600
DELETE_GRACE_S = 60.0  # "at once": when its waiter has read it, or so long after the end
KEY_CHARS_MAX = 255  # of a concurrency or debounce key; the end of a longer one becomes a hash
CONCURRENT_LIMIT_MAX = 10_000
CONCURRENCY_WINDOW_S_MAX = 31 * 24 * 3600
BLOCK_BATCH = 1_000  # ready jobs that are put aside at once when their key is full
WAKE_BATCH = 100  # keys whose window has moved
QUEUED_MAX = 500_000  # jobs of one workspace that wait; more are refused with 429
QUEUED_COUNT_S = 60.0  # at least so often they are counted anew while jobs come in
QUEUED_RETRY_S = 5.0  # when the queue was full: try again, and count again
QUEUE_DELAY_S_MAX = 366 * 24 * 3600  # how far in the future a job may be scheduled

# Variables and resources.
VARIABLE_CHARS_MAX = 100_000
RESOURCE_BYTES_MAX = 1024 * 1024
RESOURCE_CHARS_SEARCHED = 10_000  # of a value; a longer one is left out of a search
RESOURCE_TYPE_CHARS_MAX = 100
REFERENCE_DEPTH_MAX = 20  # resources that refer to resources; deeper, the job fails
REFERENCES_MAX = 1_000  # that are filled in for one job; more, and it fails
MASKED_CHARS_MIN = 6  # a secret that is shorter is not looked for in logs: it would wreck them...
MASKED_CHARS_MAX = 4_096  # ...nor is one that is longer, but for its lines
MASKED_LINE_CHARS_MIN = 8

# Runtime packs.
PACK_BYTES_MAX = 300 * 1024**2  # of an archive
PACK_UNPACKED_BYTES_MAX = 1024**3
PACK_FILES_MAX = 50_000

# What is built for jobs: compiled programs, caches of compilers.
BUILD_TIMEOUT_S = 600
BUILD_TMP_BYTES = 1024**3
BUILT_BYTES_MAX = 256 * 1024**2  # one; above: the build fails with ResultTooLarge
EXPORT_BYTES_MAX = 200 * 1024**2  # of a workspace in one archive
KEPT_MAX = 5_000  # things kept; then those that were used last the longest ago go...
KEPT_BYTES_MAX = 4 * 1000**3  # ...as they do beyond this, all together, unless a setting says else
KEPT_YOUNG_S = 1_500.0  # what was used since stays, so that a set is finished and kept processes...
KEPT_YOUNG_BYTES_MAX = 2 * 1000**3  # ...have theirs, as long as it is no more than this beyond it
CACHE_BYTES_MIN = 500_000_000  # the least that the setting may say: one large set of packages

# Sets of packages that are kept imported.
WARM_USES = 2  # so many runs...
WARM_USES_S = 600.0  # ...within this, and a fork server of its own has them imported
WARM_IDLE_S = 900.0  # without a run it ends
WARM_SETS_DEFAULT = 4  # at once; then the one that was used the longest ago ends
WARM_SETS_MAX = 100
WARM_BYTES_MAX = 1024**3  # of memory of all together, likewise; one that is larger is not kept
WARM_KNOWN_MAX = 1_000  # whose uses are counted

# Scripts that run again are kept as bytecode, which is loaded in a tenth of the time that it takes
# to compile them: a millisecond for 4,000 characters.
COMPILED_CHARS_MIN = 1_000  # of a text; shorter ones are compiled as fast
COMPILED_MAX = 500
COMPILED_BYTES_MAX = 32 * 1024**2  # of all together
COMPILING_S = 10.0  # what takes longer is compiled by each run, within its own time

# What a script imports from its workspace, all it leads to included: above, it is refused.
IMPORTED_SCRIPTS_MAX = 200
IMPORTED_CHARS_MAX = 4 * 1024 * 1024
CODE_LOCK_TOUCH_S = 24 * 3600  # the use of a step's lock is noted at most so often...
CODE_LOCK_KEPT_S = 400 * 24 * 3600  # ...and one that was not used for so long goes
IMPORTERS_MAX = 500  # whose locks are found anew when a script is deployed that they import

# Waiting.
WAIT_RESULT_S = 600.0  # run_wait_result answers `timeout after 600s`
UPDATE_HOLD_S = 1.0  # getupdate holds the request this long when nothing changes
STREAM_S = 60.0  # a server-sent stream ends with `timeout`; the client comes back
STREAM_PING_S = 10.0

# Schedules.
CRON_CHARS_MAX = 200
SCHEDULE_ON_TIME_S = 120.0  # ticks late by less all run; of those later one at most
SCHEDULE_GRACE_S = 3600.0  # the latest missed tick runs when it is no older; else it is skipped
SCHEDULE_MISSED_MAX = 1_000  # missed ticks are counted so far, then the record says "or more"
SCHEDULE_BATCH = 20  # schedules that fire at once
SCHEDULE_CHOICE = 160  # of so many that are due, by chance, so that schedulers share the work
SCHEDULE_TICKS_KEPT = 500  # of each schedule
SCHEDULE_POLL_S = 30.0  # at least this often somebody looks, ring or not
SCHEDULE_IDLE_S = 24 * 3600.0  # on SQLite, whose rings cannot get lost, while there is no schedule
SCHEDULE_PAUSE_S_MAX = 10 * 366 * 24 * 3600  # how far away `paused_until` may be
SCHEDULE_PREVIEW = 5  # fires shown
SCHEDULE_JOBS_SHOWN = 20  # last runs in list_with_jobs

# Flows: a definition above these is refused when it is saved.
FLOW_BYTES_MAX = 10 * 1024 * 1024
FLOW_MODULES_MAX = 10_000  # of all depths together
FLOW_DEPTH_MAX = 20  # containers in containers
STEP_ID_CHARS_MAX = 100
BRANCHES_MAX = 1_000  # of one module
FLOW_CIRCLE_LOOKS = 1_000  # flows inside of flows that are looked at for one that runs itself
SEARCHED_CHARS = 20 * 1024 * 1024  # of code, or of definitions, in list_search: the newest
DRAFTS_MAX = 1_000  # of a person in a workspace
EXPRESSION_CHARS_MAX = 100_000
EXPRESSION_CPU_S = 10.0
EXPRESSION_WALL_S = 40.0  # native code that no engine interrupts; then its process is killed
EXPRESSION_ENGINE_BYTES = 256 * 1024**2  # of the engine; JSON takes about ten times its text
EXPRESSION_PROCESS_BYTES = 1024**3  # address space of the process around it
EXPRESSION_REQUEST_BYTES_MAX = 64 * 1024**2  # of all that one expression reads
EXPRESSION_ROUNDS_MAX = 100  # how often an expression may turn out to read something more
EXPRESSION_PROCESSES = 4  # at once; each serves one workspace and no other
EXPRESSION_PROCESSES_IDLE = 2  # that are kept when nothing is evaluated...
EXPRESSION_IDLE_S = 300.0  # ...for so long
EXPRESSION_CHECK_BATCH = 500  # are parsed with one request
EXPRESSION_PROCESS_USES = 10_000  # then it is replaced
PARALLELISM_MAX = 65_535
SLEEP_S_MAX = 366 * 24 * 3600
SUSPEND_S_DEFAULT = 30 * 60
SUSPEND_S_MAX = 366 * 24 * 3600
APPROVALS_MAX = 1_000  # events one step may wait for

# What is told of a flow that runs.
FLOW_LOOK_S = 1.0  # at least so often a stream looks how far a flow's steps are
FLOW_BODIES_SHOWN = 5_000  # iterations and branches in one status...
STEP_BODIES_SHOWN = 1_000  # ...and of one step, the first
RESUME_ID_MAX = 2**32 - 1  # the number in a link of approval
APPROVER_CHARS_MAX = 200
VOICES_MAX = 2_000  # that speak to one step
RESUME_BYTES = 1024 * 1024  # of what one of them fills in
USER_STATES_MAX = 1_000  # keys that the scripts of one flow set
USER_STATE_BYTES = 1024 * 1024  # of one value

# Flows while they run: a step that goes beyond these fails, and says so.
ITERATIONS_MAX = 100_000  # of one loop
FLOW_NESTING_MAX = 50  # flows in flows
FOLDER_BYTES_MAX = 1024**3  # that the steps of a flow share
FOLDER_FILES_MAX = 100_000
FOLDER_LOOK_S = 30.0  # whether flows that have one have ended
STRANDED_S = 120  # that a site is without workers before what waits for it fails
FLOW_CONFLICTS_MAX = 1_000  # how often a decision is made again because another was faster
DEFINITIONS_KEPT = 200  # of flows that run, by a process that decides about their steps...
DEFINITIONS_BYTES = 48 * 1024**2  # ...with their arguments; a larger one is read for every step
RESULTS_BATCH = 500  # of children, that are read with one statement
DRIVE_EVENTS = 200  # of one decision; bodies beyond are started by another
PUSH_BATCH = 500  # children of a parallel step that are pushed with one decision
STEP_ERROR_CHARS_MAX = 2_000  # of an error the machine itself writes

# Workers.
CLAIM_POLL_S = 5.0  # without a ring, on Postgres
CLAIM_POLL_SOLO_S = 60.0  # on SQLite, whose rings cannot get lost
WORKER_LEASE_S = 60.0  # default; silent for longer: its jobs run elsewhere (Postgres only)
WORKER_LEASE_S_MIN = 2.0
WORKER_LEASE_S_MAX = 3600.0
WORKER_PINGS = 12  # in a lease, with running jobs
WORKER_CONTACT = 0.5  # of a lease: unheard of for longer, a worker begins no job
WORKER_GUARD = 0.75  # of a lease: after it the jobs of a worker that was not heard are ended
WORKER_PINGS_IDLE = 3  # in a lease, without
WORKER_ROW_S = 24 * 3600.0  # silent for longer and holding nothing: forgotten
LEASE_S = 15.0  # of the leader of the schedulers; one that dies is followed within this
LEASE_TRUST_S = 13.0  # how long the leader itself believes in it without an answer
LEASE_RENEW_S = 8.0
RESCUE_SWEEP_S = 3.0
RESCUE_BATCH = 100
HAND_BACK_S = 10.0  # for handing back what a stop interrupted; then it is left to the rescue
WORKER_SLOTS_MAX = 256
RESTART_LOOK_S = 0.02  # on SQLite: how often a start looks whether the last process is all gone...
RESTART_LOOKS = 250  # ...and how many times

# Keeping.
RETENTION_DAYS_DEFAULT = 30
RETENTION_DAYS_MAX = 36_500
RETENTION_RULES_MAX = 200  # of a workspace
CLEAN_S = 3600.0  # between two rounds of the cleaner
PRUNE_PAUSE_S = 0.1  # between two batches
PRUNE_RUNS = 200  # looked at together
PRUNE_JOBS = 1_000  # that hang from others, in one batch
PRUNE_BYTES = 64 << 20  # and about so much of them
PRUNE_AGAIN_S = 24 * 3600.0  # then runs that stayed are looked at again
ROOM_BYTES_MIN = 50_000_000  # the least disk budget
ROOM_HIGH, ROOM_LOW = 0.9, 0.8  # of the budget: above, room is made, as far as this
ROOM_MEASURE_S = 5.0  # a measure is good for so long
ROOM_SETTLES_S = 20.0  # on Postgres: until what was freed shows
ROOM_AGAIN_S = 60.0  # after making room in vain
ROOM_LOGS_S = 24 * 3600.0  # the logs of runs that completed longer ago go first
ROOM_SPARES_S = 900.0  # runs that completed less long ago do not go
ROOM_RETRY_S = 30.0  # when a refused push may come again

# Sweeping.
SWEEP_S = 10.0  # a look; nothing is written when nothing is due
SWEEP_BATCH = 500
DELETE_BATCH = 50  # jobs with all they carried

# People.
PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 256
EMAIL_CHARS_MAX = 254
SESSION_S = 14 * 24 * 3600
SETUP_LINK_S = 24 * 3600
LOGIN_FAILURES_MAX = 10  # in one window, for an account or an address; then 429
LOGIN_WINDOW_S = 15 * 60
TOKEN_TOUCH_S = 3600.0  # last use is written at most this often
TOKENS_PER_ACCOUNT_MAX = 1_000
SCHEMA_DEPTH_MAX = 20
