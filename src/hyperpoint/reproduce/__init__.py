"""The paper's tables and figures, one module each: `run.reproduce` makes one and writes it beside the paper's figures.

Ren, Shen, Fu, You: "Point-Supervised Semantic Segmentation of Natural Scenes via Hyperspectral Imaging", CVPR
Workshops 2024.
"""
