"""Where the log is kept: tables, encryption, migrations."""
