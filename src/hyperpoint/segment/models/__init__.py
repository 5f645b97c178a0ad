"""Networks by name. Listing them needs no PyTorch; building one does."""

from hyperpoint.segment.models.registry import MODELS, ModelDescription, build_model, check_model_name, model_names

__all__ = ["MODELS", "ModelDescription", "build_model", "check_model_name", "model_names"]
