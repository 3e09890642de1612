"""Results in one file: an NPZ with a header in JSON, without pickle, which `np.load` opens as well.

`save` writes surfaces, paths, runs and eigenvalues with their captions, and `load` returns equal objects. Arrays
keep their precision. A file that this release cannot read is refused in one sentence.
"""

from landscapes.storage.saved_results import SavedResults, encode_results, load, save

__all__ = ["SavedResults", "encode_results", "load", "save"]
