"""The methods that the paper's Table 4 compares with: networks that classify hyperspectral patches, and Huang et al.'s.

`scenes.training_scenes` -> `training.fit` -> `PatchModel.predict` or `scoring.evaluate`; `huang` refines labels for an
RGB network. What may be called is listed by `methods.method_names`.
"""
