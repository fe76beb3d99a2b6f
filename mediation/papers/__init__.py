"""Papers: what each one says (`contents`), how it looks in Word (`word`), where the file lies (`files`)."""
