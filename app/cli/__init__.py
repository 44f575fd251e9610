"""The command line: the same core without a window."""

# Known without loading any of them: the first word decides between a command and the window.
COMMANDS = (
    *("check", "availability", "whatif", "simulate", "diff", "report", "fix", "export"),
    *("rules", "trust", "kinds", "schema", "new", "doctor"),
)
