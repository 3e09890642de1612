"""Results in one file: an NPZ with a header in JSON, without pickle, which `np.load` opens as well."""

from landscapes.storage.saved_results import SavedResults, encode_results, load, save

__all__ = ["SavedResults", "encode_results", "load", "save"]
