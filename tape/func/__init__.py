"""Function transforms, torch.func's: functions in, functions of the same arguments out."""
