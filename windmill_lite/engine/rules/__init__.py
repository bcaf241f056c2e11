"""The queue's rules, each in a file: what happens in the transactions in which a job enters, starts
and ends, besides that."""
