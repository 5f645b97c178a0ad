"""The command line: commands without logic. Each command is a module of its name, imported when it is called."""
