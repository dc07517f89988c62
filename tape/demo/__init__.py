"""The main job as a person would write it: a differential equation fitted to data with `tape` and SciPy.

`python -m tape` runs it. `data` holds the figures, `model` the equations, `fit` the optimisation and its
checks, `report` the tables, `picture` the drawings. The modules use only what `tape` offers to everybody,
with PyTorch's names, so they double as an example. Nothing in the library imports them.
"""
