"""Takes in what was gathered elsewhere: checked row by row, all of a file or nothing, and the same again is no news."""

from learning_log.services.importing.folder import import_folder, prepare_folder
from learning_log.services.importing.indicators import import_indicators, prepare_indicators
from learning_log.services.importing.people import import_people, prepare_people
from learning_log.services.importing.problems import Imported, Problem, Problems, RowsRefused
from learning_log.services.importing.reflections import import_reflections, prepare_reflections

__all__ = [
    "Imported",
    "Problem",
    "Problems",
    "RowsRefused",
    "import_folder",
    "import_indicators",
    "import_people",
    "import_reflections",
    "prepare_folder",
    "prepare_indicators",
    "prepare_people",
    "prepare_reflections",
]
