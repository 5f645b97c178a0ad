"""Many scenes: a data set annotated by a pool of processes or a Dask cluster, resumed after anything, and reported."""
