"""An invented organisation and a year of its life, to try What Matters with. Nobody in it is real."""
