"""What holds for every test: Ctrl-C can be pressed, also where the suite itself runs in the background."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell sets it for what it starts with &
    signal.signal(signal.SIGINT, signal.default_int_handler)
