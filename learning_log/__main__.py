"""python -m learning_log: the command line, where the console command is not on the path."""

from learning_log.cli import main

main()
