"""A family of tasks that is made of new files alone: the expression level of a gene."""
