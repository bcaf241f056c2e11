"""Shows that nothing is lost, doubled or stuck, whatever breaks and whenever.

Two ways, one set of invariants (`invariants`) over what the database holds (`facts`) and what
clients were told (`ledger`). The *sweep* takes one verb after another and lets the process end, or
the database fail, at every single statement and commit of it. The *simulation* lets a small cluster
work, with the real worker and the real scheduler, in one thread, on a clock of its own, while
everything breaks at random: from one seed, so that it breaks the same way again.

A third set of tests breaks the product instead, and wants to see it noticed.
"""
