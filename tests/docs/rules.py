"""How the commands of the documents are run here: the one table that says what differs from what is printed.

A command that is not named here is run as it stands.
"""

from __future__ import annotations

# Placeholders become files of `stage`, and what takes long becomes small.
RUN_AS = {
    # README
    "hyperpoint inspect CUBE": "hyperpoint inspect scene.hdr",
    "hyperpoint points TRUTH.png": "hyperpoint points truth.png --out drawn.csv",
    "hyperpoint studio PATH...": "hyperpoint studio scene.hdr",
    "hyperpoint annotate CUBE --points P.csv --out MASK.png":
        "hyperpoint annotate scene.hdr --rgb scene.png --points clicks.csv --out masks/scene.png",
    "hyperpoint annotate-set --dataset lib-hsi --root DIR --regions 100 --out MASKS":
        "hyperpoint annotate-set --dataset lib-hsi --root lib-hsi --regions 100 --out MASKS --workers 1",
    "hyperpoint suggest CUBE --points P.csv": "hyperpoint suggest scene.hdr --points clicks.csv",
    "hyperpoint library MASKS_FOLDER --out OUT.npz": "hyperpoint library masks --out OUT.npz",
    "hyperpoint score PRED TRUTH": "hyperpoint score masks/scene.png truth.png",
    "hyperpoint manifest --masks MASKS --out M.csv": "hyperpoint manifest --masks MASKS --val 0.3 --out made/M.csv",
    "hyperpoint train M.csv --out RUN": "hyperpoint train made/M.csv --out RUN {small}",
    "hyperpoint evaluate RUN M.csv --split test": "hyperpoint evaluate RUN made/M.csv --split val",
    "hyperpoint predict RUN IMAGES... --out DIR": "hyperpoint predict RUN lib-hsi/test/rgb --out predicted",
    "hyperpoint export RUN --out NET.onnx": "hyperpoint export RUN --out NET.onnx",
    "hyperpoint reproduce table1 --dataset lib-hsi --root DIR --out OUT":
        "hyperpoint reproduce table1 --dataset lib-hsi --root lib-hsi --out OUT --quick --regions 25",
    "hyperpoint datasets check lib-hsi ROOT": "hyperpoint datasets check lib-hsi lib-hsi",
    "hyperpoint synth OUT --layout lib-hsi": "hyperpoint synth OUT --layout lib-hsi --scenes 3 --size 48 48",
    "hyperpoint synth lib-hsi --layout lib-hsi": "hyperpoint synth again --layout lib-hsi --scenes 3 --size 48 48",
    "hyperpoint points lib-hsi/train/labels/NAME.png --classes lib-hsi --regions 100 --per-region 10 --ratio 1:4 "
    "--out p.csv":
        "hyperpoint points lib-hsi/train/labels/0001.png --classes lib-hsi --regions 100 --per-region 10 --ratio 1:4 "
        "--out p.csv",
    "hyperpoint annotate lib-hsi/train/reflectance_cubes/NAME.hdr --rgb lib-hsi/train/rgb/NAME.png --rotate 270 "
    "--white lib-hsi:lib-hsi/train/labels/NAME.png --points p.csv --classes lib-hsi --recipe paper-svm --out NAME.png "
    "--preview":
        "hyperpoint annotate lib-hsi/train/reflectance_cubes/0001.hdr --rgb lib-hsi/train/rgb/0001.png --rotate 270 "
        "--white lib-hsi:lib-hsi/train/labels/0001.png --points p.csv --classes lib-hsi --recipe paper-svm "
        "--out 0001.png --preview",
    "hyperpoint points hsicity2/train/rgbN_gray.png --per-class 20 --out p.csv":
        "hyperpoint points hsicity2/train/rgb0001_gray.png --per-class 20 --out p.csv",
    "hyperpoint annotate hsicity2/train/N.hsd --rgb hsicity2/train/rgbN.jpg --points p.csv --out N.png --preview":
        "hyperpoint annotate hsicity2/train/0001.hsd --rgb hsicity2/train/rgb0001.jpg --points p.csv --out 1.png "
        "--preview",
    # the tutorial
    "hyperpoint synth facades --layout lib-hsi --scenes 12":
        "hyperpoint synth facades --layout lib-hsi --scenes 12 --size 64 64",
    "hyperpoint train manifest.csv --model smp:fpn:resnet18 --weights none --steps 200 --batch-size 4 --crop 128 128 "
    "--out runs/facades": "hyperpoint train manifest.csv --out runs/facades {small}",
    # other pages
    "hyperpoint synth facades --layout lib-hsi --size 512 512 --seed 3":
        "hyperpoint synth facades --layout lib-hsi --size 64 64 --seed 3",
    "hyperpoint train facades/hyperpoint-export/manifest.csv --out RUN":
        "hyperpoint train facades/hyperpoint-export/manifest.csv --out RUN {small}",
    "hyperpoint train manifest.csv --batch-size 2 --accumulate 2 --precision bf16 --out runs/paper":
        "hyperpoint train facades/hyperpoint-export/manifest.csv --accumulate 2 --precision bf16 --out runs/paper "
        "{small}",
    "hyperpoint annotate-set --dataset lib-hsi --root /data/LIB-HSI --regions 100 --out /data/masks --dry-run":
        "hyperpoint annotate-set --dataset lib-hsi --root LIB-HSI --regions 100 --out masks --dry-run",
    "hyperpoint annotate-set --dataset lib-hsi --root /data/LIB-HSI --regions 100 --out /data/masks "
    "--dask tcp://10.0.0.1:8786":
        "hyperpoint annotate-set --dataset lib-hsi --root LIB-HSI --regions 100 --out masks --dask local:1",
    "hyperpoint datasets check NAME ROOT": "hyperpoint datasets check lib-hsi LIB-HSI",
}  # fmt: skip
SMALL = (
    "--model smp:fpn:resnet18 --weights none --steps 2 --batch-size 2 --crop 64 64 --lr 0.001 --workers 0 "
    "--accelerator cpu"
)

# Only held against the options that there are.
PARSED_ONLY = {
    "hyperpoint demo": "takes three minutes; tests/demo runs it on scenes that are small",
    "hyperpoint demo --out demo": "the same",
    "hyperpoint COMMAND --help": "COMMAND is any",
    "hyperpoint annotate ... --recipe mine.toml": "the dots are any scene",
    "hyperpoint annotate --points": "names an option",
    "hyperpoint train --input cube": "names an option",
    "hyperpoint manifest --dataset": "names an option",
    "hyperpoint reproduce fig2": "lacks its data set; tests/reproduce makes it",
    "hyperpoint reproduce fig7": "lacks its data set; tests/reproduce makes it",
    "hyperpoint reproduce table1": "lacks its data set; tests/reproduce makes it",
    "hyperpoint reproduce table4": "lacks its data set; tests/reproduce makes it",
    "hyperpoint reproduce NAME --dataset lib-hsi|hsicity2 --root ROOT --out DIR [--quick]": "NAME is any",
    "hyperpoint points --regions N --per-region K --ratio 1:4": "names options",
    "hyperpoint train MANIFEST --model fcn_r50": "80,000 steps of a ResNet-50",
    "hyperpoint train OUT/LABELS/manifest.csv --model hrnet_w18 --weights none --steps 300 --batch-size 4 "
    "--crop 180 240 --scale 0.35 0.75 --val-every 300 --workers 0 --threads 1": "a measurement of many minutes",
    "hyperpoint evaluate RUN OUT/truth/manifest.csv --split val --scales 0.5": "goes with that measurement",
    "hyperpoint reproduce table1 --dataset lib-hsi --root lib --out q --quick --threads 1": "a measurement of minutes",
    "hyperpoint reproduce table1 --dataset hsicity2 --root CAMVID --out OUT --iterations 1000 --threads 1": "the same",
}

# Other programs: what begins so is passed over, for the reason that stands there.
OTHERS = {
    "make ": "a target of the Makefile (checked to exist); CI runs install, check and test",
    "pip install .": "CI installs all extras on a fresh clone; that an extra exists is checked",
    'pip install ".[': "the same",
    "pip install --constraint": "the same",
    "pip install dask-jobqueue": "needs the network, and SLURM",
    "pip install onnxruntime-gpu": "needs a GPU",
    "python -m benchmarks.": "measures for minutes; that the module and its options exist is checked",
    "pytest benchmarks/": "measures; that the file exists is checked",
    "OMP_NUM_THREADS=1 pytest benchmarks/": "the same",
    "python annotate_lib_hsi.py": "needs SLURM; the command in it is held against the options that there are",
    "sbatch ": "needs SLURM; the command in it is held against the options that there are",
    "dask ": "two processes that go on for ever; tests/batch/test_dask_pool.py starts both",
    "kubectl ": "needs a cluster; the command in the file is held against the options that there are",
    ".venv/bin/pre-commit": "changes the clone",
    ".venv/bin/mkdocs serve": "goes on for ever; test_site.py builds the site",
}
