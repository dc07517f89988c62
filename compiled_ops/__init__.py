"""The ground floor: the table of primitives and the machine code made from it. Knows nothing of Tensors."""
