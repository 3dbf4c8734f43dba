"""Where hostile bytes are opened: a process of its own, without Django, keys, files or network, under limits.

`run.opened(job, raw)` starts it, `child` is it, and the other files are what it does; none of them imports Django.
"""
