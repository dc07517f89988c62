"""The native tier: programs as LLVM text, machine code of it, loops found in scalar rows."""
