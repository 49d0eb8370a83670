"""The tools behind the commands in script/: standard library only, because they run before anything is installed."""
