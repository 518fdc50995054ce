"""Model definitions in torch, one file an architecture; a module is found by its name.

Each module has `TASK` (a name in contracts.tasks), `Config` (frozen and strict) and `Model(config)`
with `graphs()`: one torch module a role of the task, its arguments and results in the contract's
order.
"""
