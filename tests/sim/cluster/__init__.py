"""A cluster in one thread: the real worker and scheduler, on a clock, a network and a kernel of our
own. Everything that is drawn is drawn from one seed.
"""
