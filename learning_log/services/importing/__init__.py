"""Takes in what was gathered elsewhere: checked row by row, all of a file or nothing, and the same again is no news."""

from learning_log.services.importing.folder import import_folder
from learning_log.services.importing.indicators import import_indicators
from learning_log.services.importing.people import import_people
from learning_log.services.importing.problems import Imported, Problem, Problems, RowsRefused
from learning_log.services.importing.reflections import import_reflections

__all__ = [
    "Imported",
    "Problem",
    "Problems",
    "RowsRefused",
    "import_folder",
    "import_indicators",
    "import_people",
    "import_reflections",
]
