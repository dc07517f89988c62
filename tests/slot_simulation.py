"""Runs the plan of a scalar run's slots with row numbers in the place of values: what each read finds must be the row that it means.

`faults(slots)` lists what reads something else, or something that was not written in this call. Imported by test_native_slots.
"""

from tape.compile.native.rolled import ROW
from tape.compile.native.slots import Carried, Gathered, Inside, Shared, Slot


def faults(slots):
    columns, first, found, memory = slots.columns, slots.columns.first, [], {}
    operands = list(zip(columns.a.tolist(), columns.b.tolist(), columns.c.tolist(), strict=True))

    def read(slot, value, reader):
        if memory.get(slot) != value - first:
            found.append(f"{reader}: slot {slot} has {memory.get(slot)}, not {value - first}")

    for piece in slots.pieces:
        names = set()  # rows whose values this function has in registers

        def known(value, reader, names=names):
            if value >= first and value - first not in names:
                read(slots.slot(value - first), value, reader)

        for part in piece.parts:
            if isinstance(part, tuple):
                for row in range(*part):
                    for value in operands[row]:
                        known(value, f"row {row}")
                    names.add(row)
                    memory.update(dict.fromkeys(slots.homes.get(row, ()), row))
                continue
            loop, table = slots.loops[part], slots.tables[part]
            for access in slots.access[part].values():
                for value in (access.value,) if isinstance(access, Shared) else access.begin if isinstance(access, Carried) else ():
                    known(value, f"loop {part}, before it begins")
            for k in range(loop.count):
                for j in range(loop.period):
                    row = loop.start + k * loop.period + j
                    for o in range(3):
                        access = slots.access[part].get((o, j))
                        if access is None or loop.kind[o, j] != ROW:
                            continue
                        wanted = loop.entry.get((o, j)) if k == 0 else None
                        wanted = int(loop.at[o, j]) + k * int(loop.step[o, j]) if wanted is None else wanted
                        reader = f"loop {part}, iteration {k}, row {j}"
                        if isinstance(access, Slot | Gathered):
                            read(access.first + k * access.step if isinstance(access, Slot) else access.slots[k], wanted, reader)
                            continue
                        if isinstance(access, Inside):
                            given = first + row - j + access.row
                        elif isinstance(access, Carried):
                            ago = first + row - j + access.row - access.lag * loop.period
                            given = access.begin[access.lag - 1 - k] if k < access.lag else ago
                        else:
                            given = access.value
                        if given != wanted:
                            found.append(f"{reader}: {given - first} stands for {wanted - first}")
                    if j in table.column:
                        memory[table.slot(k, j)] = row
            for row in range(loop.stop - loop.period, loop.stop):
                names.add(row)
                if row in slots.own:
                    memory[slots.own[row]] = row
    return found
