# Tests: a folder here for each folder of src, one program a folder or source file.
