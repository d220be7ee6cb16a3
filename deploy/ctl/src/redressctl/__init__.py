"""redressctl: run, drive, verify and mend a Redress installation. It knows services by their public API alone."""
